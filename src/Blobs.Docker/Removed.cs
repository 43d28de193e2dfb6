using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>One thing that a removal took away, in the order it went: a name, an image, or a layer.</summary>
public sealed record Removed
{
    /// <summary>A name that is gone.</summary>
    public ImageReference? Untagged { get; init; }

    /// <summary>An image that is gone.</summary>
    public Digest? Image { get; init; }

    /// <summary>A layer that is gone.</summary>
    public ChainId? Layer { get; init; }
}
