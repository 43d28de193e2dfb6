namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>What a mark finds that nothing needs.</content>
internal sealed partial class ScenarioModel
{
    // Links that nobody needs and that are old; bytes when no other link leads there.
    private Cells NotNeeded(in Stored found)
    {
        Cells needed = Needed(found);
        Cells links = found.Present & ~needed & MayGo(found);
        Cells notNeeded = links;
        foreach (Cells item in _layout.ItemCells)
        {
            Cells staying = found.Present & item & ~_layout.AllBytes & ~links;
            if (staying.IsEmpty)
            {
                notNeeded |= found.Present & item & _layout.AllBytes & ~needed;
            }
        }

        return notNeeded;
    }

    // Links by their age. Revision links go at any age when the manifest is broken, but with --untagged only then, when
    // old.
    private Cells MayGo(in Stored found)
    {
        Cells old = ~found.Young;
        return (_layout.LayerLinks & old)
            | (_setting.Untagged ? _layout.RevisionLinks & old : _layout.RevisionLinks)
            | (_setting.Retention ? _layout.Tags & old : default);
    }

    private Cells Needed(in Stored found)
    {
        Cells needed = default;
        for (int index = 0; index < _manifests.Length; index++)
        {
            if (IsRoot(found, index) && !IsBroken(found, index))
            {
                needed |= _layout.Whole[index];
            }
        }

        return needed;
    }

    private bool IsRoot(in Stored found, int index)
    {
        Manifest manifest = _manifests[index];
        return found.Present.Contains(manifest.Revision)
            && (!_setting.Untagged || IsTagged(found, manifest) || found.Young.Contains(manifest.Revision));
    }

    // It lacks something, no tag and no index names it, and nobody is pushing it.
    private bool IsBroken(in Stored found, int index)
    {
        Manifest manifest = _manifests[index];
        return found.Present.Contains(manifest.Revision)
            && !IsWhole(found, index)
            && !IsTagged(found, manifest)
            && !IsNamedByIndex(found, index)
            && (!_setting.Untagged || !found.Young.Contains(manifest.Revision));
    }

    private bool IsNamedByIndex(in Stored found, int child)
    {
        for (int index = 0; index < _manifests.Length; index++)
        {
            if (index != child && IsRoot(found, index) && _layout.Reached[index].Contains(_manifests[child].Revision))
            {
                return true;
            }
        }

        return false;
    }
}
