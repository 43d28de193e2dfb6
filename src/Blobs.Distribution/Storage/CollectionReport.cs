using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>What <see cref="RegistryCollector"/> deleted, or would have deleted.</summary>
public sealed record CollectionReport
{
    /// <summary>Repositories that were looked through.</summary>
    public required int Repositories { get; init; }

    /// <summary>Blobs and manifests that stay.</summary>
    public required int KeptBlobs { get; init; }

    /// <summary>Blobs and manifests that nothing needs, in the order of their digests.</summary>
    public required IReadOnlyList<Digest> Blobs { get; init; }

    /// <summary>How many bytes those are.</summary>
    public required long Bytes { get; init; }

    /// <summary>Manifests without a tag, as <c>NAME@DIGEST</c>.</summary>
    public required IReadOnlyList<string> Manifests { get; init; }

    /// <summary>Links of repositories to blobs that none of their manifests needs, as <c>NAME@DIGEST</c>.</summary>
    public required IReadOnlyList<string> Links { get; init; }

    /// <summary>Uploads that were given up, as <c>NAME ID</c>.</summary>
    public required IReadOnlyList<string> Uploads { get; init; }
}
