using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>The entries that the <c>index.json</c> of a layout gets. An entry replaces those of the same name.</summary>
/// <param name="existing">The layout's index so far; null for a new layout.</param>
internal sealed class LayoutEntries(ImageIndex? existing)
{
    private readonly List<Descriptor> _added = [];
    private readonly List<Descriptor> _replaced = [];

    /// <summary>Adds a manifest under its names, or without one.</summary>
    /// <returns>Its entries.</returns>
    public IReadOnlyList<Descriptor> Add(Descriptor manifest, ManifestName name)
    {
        if (name.Replaced is { } replaced)
        {
            _replaced.Add(replaced);
            Descriptor entry = manifest with { Annotations = replaced.Annotations };
            _added.Add(entry);
            return [entry];
        }

        IEnumerable<IReadOnlyDictionary<string, string>> annotations = name.RefName is { } given
            ? [new Dictionary<string, string> { [OciLayout.RefNameAnnotation] = given }]
            : name.Names.Where(full => full.Digest is null).Select(full => Annotate(full.WithDefaultTag()));
        Descriptor[] named = [.. annotations.Select(annotation => manifest with { Annotations = annotation })];
        Descriptor[] entries = named.Length > 0 ? named : [manifest];
        _added.AddRange(entries);
        return entries;
    }

    /// <summary>The new index. Entries that stay keep their bytes.</summary>
    public ImageIndex ToIndex() => existing is null
        ? ManifestWriter.Index(MediaTypes.OciIndex, _added)
        : ManifestEdit.Index(existing, Stays, _added);

    private bool Stays(Descriptor old) => !_added.Exists(added => IsSameName(added, old))
        && !_replaced.Exists(one => one.Digest == old.Digest && IsSameName(one, old));

    private static Dictionary<string, string> Annotate(ImageReference name) => new()
    {
        [OciLayout.FullNameAnnotation] = $"{name}",
        [OciLayout.RefNameAnnotation] = name.Tag!,
    };

    // The same full name and the same ref.name; if there is neither, the same manifest.
    private static bool IsSameName(Descriptor one, Descriptor other)
    {
        string? full = one.Annotations?.GetValueOrDefault(OciLayout.FullNameAnnotation);
        string? reference = OciLayout.RefNameOf(one);
        return full == other.Annotations?.GetValueOrDefault(OciLayout.FullNameAnnotation)
            && reference == OciLayout.RefNameOf(other)
            && (full is not null || reference is not null || one.Digest == other.Digest);
    }
}
