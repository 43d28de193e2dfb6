using Blobs.Compression;
using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>Result of one pass over a layer.</summary>
public sealed record LayerSummary
{
    /// <summary>Digest of the source's bytes, compressed or not.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Digest of the uncompressed tar.</summary>
    public required DiffId DiffId { get; init; }

    /// <summary>How the source was compressed.</summary>
    public required CompressionKind Compression { get; init; }

    /// <summary>Bytes the source had.</summary>
    public required long CompressedBytes { get; init; }

    /// <summary>Bytes of the tar, its tail included.</summary>
    public required long UncompressedBytes { get; init; }

    /// <summary>Entries of the tar; a pax global extension counts as one.</summary>
    public required long EntryCount { get; init; }

    /// <summary>
    /// How long the pass was idle because it waited for the source: nothing left to decode, and every consumer done.
    /// The rest of the elapsed time is the pass itself.
    /// </summary>
    public required TimeSpan SourceWait { get; init; }
}
