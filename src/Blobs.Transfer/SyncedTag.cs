using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>What a sync did with a tag; in a dry run, what it would do.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="State">What became of it.</param>
public sealed record SyncedTag(string Tag, SyncState State)
{
    /// <summary>Digest of the manifest at the source; null when it could not be read.</summary>
    public Digest? Digest { get; init; }

    /// <summary>How many manifests the target did not have.</summary>
    public int NewManifests { get; init; }

    /// <summary>How many blobs were sent.</summary>
    public int NewBlobs { get; init; }

    /// <summary>Bytes of the blobs that were sent.</summary>
    public long SentBytes { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; init; }
}
