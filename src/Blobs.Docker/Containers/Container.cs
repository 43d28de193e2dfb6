using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker.Containers;

/// <summary>A container as dockerd stores it.</summary>
public sealed record Container
{
    /// <summary>64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, without dockerd's leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>When it was created, RFC 3339.</summary>
    public required string Created { get; init; }

    /// <summary>The program it runs.</summary>
    public required string Path { get; init; }

    /// <summary>The program's arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its configuration, merged from the options and the image.</summary>
    public required RunConfig Config { get; init; }

    /// <summary>Id of its image.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>Storage driver of its layers.</summary>
    public required string Driver { get; init; }

    /// <summary>Its state.</summary>
    public required ContainerState State { get; init; }

    /// <summary>The images that it mounts.</summary>
    internal IReadOnlyList<ImageMount> ImageMounts { get; init; } = [];

    /// <summary>The names of the volumes that it mounts.</summary>
    internal IReadOnlyList<string> VolumeNames { get; init; } = [];

    /// <summary>Whether it was created from an image, or mounts it.</summary>
    internal bool Uses(Digest image) => ImageId == image || ImageMounts.Any(mount => mount.Image == image);
}
