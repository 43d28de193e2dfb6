using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>What a copy did.</summary>
public sealed record CopyResult
{
    /// <summary>Digest of the manifest or index at the target; the image's id where images have no manifest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The image, when one image was taken; null when a manifest was copied as it is.</summary>
    public TakenImage? Image { get; init; }

    /// <summary>The platform that was chosen from an index, as the target cannot hold one; null otherwise.</summary>
    public Platform? Platform { get; init; }

    /// <summary>How many manifests were copied or found at the target.</summary>
    public int Manifests { get; init; } = 1;

    /// <summary>How many of them the target did not have.</summary>
    public int NewManifests { get; init; }

    /// <summary>How many blobs the target did not have.</summary>
    public int NewBlobs { get; init; }

    /// <summary>Bytes of the blobs that were sent.</summary>
    public long SentBytes { get; init; }
}
