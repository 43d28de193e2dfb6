using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>What a target calls a manifest.</summary>
/// <param name="RefName">A tag; in a layout any text. Null when there is none.</param>
/// <param name="Names">Full names, which only a layout without a <paramref name="RefName"/> uses.</param>
internal sealed record ManifestName(string? RefName, IReadOnlyList<ImageReference> Names)
{
    /// <summary>The entry of a layout that is replaced, and whose annotations stay; null for a new entry.</summary>
    public Descriptor? Replaced { get; init; }

    public ManifestName(string tag)
        : this(tag, [])
    {
    }
}
