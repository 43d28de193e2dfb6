using Blobs.Compression;
using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>What one pass over a layer found out.</summary>
public sealed record LayerSummary
{
    /// <summary>Digest of the bytes as they came, compressed or not.</summary>
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
    /// How long the whole pass stood still because the source had not delivered: no byte to decode, and every consumer done with
    /// what there was. What is left of the elapsed time is the pass itself.
    /// </summary>
    public required TimeSpan SourceWait { get; init; }
}
