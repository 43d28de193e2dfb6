namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>What must hold.</content>
internal sealed partial class ScenarioModel
{
    public string? Violation(in State state) =>
        (Watches(Promises.Manifests) ? WrongManifest(state) ?? WrongTag(state) : null)
            ?? (Watches(Promises.Blobs) ? WrongBlob(state) : null)
            ?? (Watches(Promises.NoGarbage) ? AfterQuietRuns(state, false) ?? AfterQuietRuns(state, true) : null);

    private bool Watches(Promises promise) => _setting.Promises.HasFlag(promise);

    // Whoever was told 201 for a manifest finds all of it, and its tag until somebody tags later. Without a tag, where
    // such are collected, that holds only while the revision link is young.
    private string? WrongManifest(in State state)
    {
        for (int index = 0; index < _manifests.Length; index++)
        {
            Manifest manifest = _manifests[index];
            bool staysUntagged = !_setting.Untagged || state.Stored.Young.Contains(manifest.Revision);
            if ((state.Acknowledged & (1 << index)) == 0 || (manifest.Tag is null && !staysUntagged))
            {
                continue;
            }

            if (!IsWhole(state.Stored, index))
            {
                return $"an acknowledged manifest lacks something: {manifest.Name}";
            }

            if (!HasItsTag(state.Stored, manifest))
            {
                return $"an acknowledged manifest has lost its tag: {manifest.Name}";
            }
        }

        return null;
    }

    // A blob with a 201 stays while its link is young.
    private string? WrongBlob(in State state)
    {
        foreach (Blob blob in _blobs)
        {
            bool isAcknowledged = (state.BlobAcknowledged & (1 << blob.Repository)) != 0;
            if (isAcknowledged && !state.Stored.Present.ContainsAll(blob.Cells))
            {
                return "an acknowledged blob is gone while its link is young";
            }
        }

        return null;
    }

    // A tag names what is there and whole, at every moment, unless a user broke it.
    private string? WrongTag(in State state)
    {
        if (state.LostAfterTag)
        {
            return "a claim was lost after the tag had been written";
        }

        if (state.Stored.TagHolds == 0 || _setting.UserDeletions > 0)
        {
            return null;
        }

        for (int index = 0; index < _manifests.Length; index++)
        {
            if (IsTagged(state.Stored, _manifests[index]) && !IsWhole(state.Stored, index))
            {
                return $"a tag names what is not whole: {_manifests[index].Name}";
            }
        }

        return null;
    }

    // All stop for good here. What is on the way arrives, or the DELETEs do not; all grows old; then whole runs follow.
    private string? AfterQuietRuns(in State state, bool deletesArrive)
    {
        Stored left = state.Stored;
        bool isTaggedLate = false;
        foreach (ref readonly Host host in state.Hosts)
        {
            ApplyLateWrite(ref left, host);
            isTaggedLate |= host.LateTagHolds != 0;
        }

        if (deletesArrive && state.Current.Run > 0)
        {
            Delete(ref left, state.Deletes[state.Current.Run - 1]);
        }

        left.Young = default;
        for (int run = 0; run < 3; run++)
        {
            Delete(ref left, NotNeeded(left));
        }

        return Leftover(left) ?? Collected(state, left, isTaggedLate);
    }

    // Every cell that is left is part of something whole, or of something under a tag that a user broke: that is kept
    // and reported.
    private string? Leftover(in Stored left)
    {
        Cells explained = _layout.Tags;
        for (int index = 0; index < _manifests.Length; index++)
        {
            Manifest manifest = _manifests[index];
            if (left.Present.Contains(manifest.Revision) && (IsWhole(left, index) || IsTagged(left, manifest)))
            {
                explained |= _layout.Whole[index];
            }
        }

        Cells garbage = (left.Present & ~explained) | NotNeeded(left);
        return garbage.IsEmpty ? null : $"garbage stays: {string.Join(", ", _layout.In(garbage).Select(cell => _cells[cell].Name))}";
    }

    private string? Collected(in State state, in Stored left, bool isTaggedLate)
    {
        for (int index = 0; index < _manifests.Length; index++)
        {
            bool isPromised = IsSafe(_manifests[index]) && (!_setting.Untagged || !isTaggedLate);
            if (isPromised && (state.Acknowledged & (1 << index)) != 0 && !IsWhole(left, index))
            {
                return $"an acknowledged manifest was collected: {_manifests[index].Name}";
            }
        }

        return null;
    }
}
