using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>What containerd has of an image.</summary>
public sealed record ContainerdInspection
{
    /// <summary>The image.</summary>
    public required ContainerdImage Image { get; init; }

    /// <summary>Other names for the same target.</summary>
    public required IReadOnlyList<string> OtherNames { get; init; }

    /// <summary>The manifest, chosen from the index if the image has one.</summary>
    public required ImageManifest Manifest { get; init; }

    /// <summary>The config.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Digests of the blobs that the manifest names and containerd does not keep.</summary>
    public required IReadOnlyList<Digest> MissingBlobs { get; init; }

    /// <summary>Bytes of the blobs that containerd keeps: manifest, config and layers.</summary>
    public required long ContentBytes { get; init; }

    /// <summary>Whether all layers are unpacked for the snapshotter.</summary>
    public required bool IsUnpacked { get; init; }
}
