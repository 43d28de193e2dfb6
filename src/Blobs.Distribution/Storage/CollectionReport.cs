using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>What <see cref="RegistryCollector"/> deleted, or would have deleted in a dry run.</summary>
public sealed record CollectionReport
{
    /// <summary>Number of repositories that were examined.</summary>
    public required int Repositories { get; init; }

    /// <summary>Number of blobs and manifests that were kept.</summary>
    public required int KeptBlobs { get; init; }

    /// <summary>Unreferenced blobs and manifests, in the order of their digests.</summary>
    public required IReadOnlyList<Digest> Blobs { get; init; }

    /// <summary>Total size of the unreferenced blobs and manifests in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Untagged manifests, as <c>NAME@DIGEST</c>.</summary>
    public required IReadOnlyList<string> Manifests { get; init; }

    /// <summary>Links of repositories to blobs that none of their manifests needs, as <c>NAME@DIGEST</c>.</summary>
    public required IReadOnlyList<string> Links { get; init; }

    /// <summary>Abandoned uploads, as <c>NAME ID</c>.</summary>
    public required IReadOnlyList<string> Uploads { get; init; }
}
