using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker.Images;

/// <summary>An image of a data root.</summary>
public sealed record Image
{
    /// <summary>Its config, unchanged.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>SHA-256 of the config.</summary>
    public Digest Id => Config.Id;

    /// <summary>Its parent image, if it was made on this machine; null for a pulled one.</summary>
    public Digest? Parent { get; init; }

    /// <summary>When it was last tagged, RFC 3339; null for a pulled one.</summary>
    public string? LastUpdated { get; init; }
}
