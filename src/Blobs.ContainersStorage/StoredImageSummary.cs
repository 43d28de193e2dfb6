using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>An image of a store of podman, with what <c>podman images</c> shows of it.</summary>
public sealed record StoredImageSummary
{
    /// <summary>Its record.</summary>
    public required StoredImage Image { get; init; }

    /// <summary>Its config.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Its names that have a tag, the newest first.</summary>
    public IReadOnlyList<ImageReference> Tags => [.. StoreNames.Parse(Image.Names).Where(name => name.Digest is null)];

    /// <summary>Its repositories in the order of their names, each with the digest of each manifest.</summary>
    public IReadOnlyList<ImageReference> Digests =>
    [
        .. StoreNames.Parse(Image.Names).DistinctBy(name => name.Name).OrderBy(name => name.Name, StringComparer.Ordinal)
            .SelectMany(name => Manifests.Select(name.WithDigest)),
    ];

    /// <summary>Digests of the manifests, and of the index, that it was stored with.</summary>
    public required IReadOnlyList<Digest> Manifests { get; init; }

    /// <summary>Bytes of its layers' tars and of its documents, as podman counts them; layers that other images share are
    /// included.</summary>
    public required long Size { get; init; }

    /// <summary>Whether it has no name, and is a step in the build of another image.</summary>
    public required bool IsIntermediate { get; init; }
}
