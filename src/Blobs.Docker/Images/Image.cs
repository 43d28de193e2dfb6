using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker.Images;

/// <summary>An image that a store holds.</summary>
public sealed record Image
{
    /// <summary>Its config, as it came.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>SHA-256 of the config.</summary>
    public Digest Id => Config.Id;

    /// <summary>The image it was made from, on this machine; never known of a pulled one.</summary>
    public Digest? Parent { get; init; }

    /// <summary>When it was last given a name, RFC 3339; never known of a pulled one.</summary>
    public string? LastUpdated { get; init; }
}
