using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>One thing that a removal deleted: a name, an image, or a layer.</summary>
public sealed record Removed
{
    /// <summary>The removed name.</summary>
    public ImageReference? Untagged { get; init; }

    /// <summary>The removed image.</summary>
    public Digest? Image { get; init; }

    /// <summary>The removed layer.</summary>
    public ChainId? Layer { get; init; }
}
