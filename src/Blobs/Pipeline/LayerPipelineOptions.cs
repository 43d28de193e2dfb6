using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>What a pass does besides hashing. Every sink is optional and costs nothing when it is not set.</summary>
public sealed record LayerPipelineOptions
{
    /// <summary>How the source is compressed; detected from its first bytes when null.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Digest the compressed bytes must have.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>Digest the uncompressed tar must have.</summary>
    public DiffId? ExpectedDiffId { get; init; }

    /// <summary>Takes the bytes of the source, to keep the blob.</summary>
    public IByteSink? Compressed { get; init; }

    /// <summary>Takes the tar itself.</summary>
    public IByteSink? Uncompressed { get; init; }

    /// <summary>Takes the entries and their content, on a dedicated thread: an unpacker, a scanner.</summary>
    public ITarSink? Entries { get; init; }

    /// <summary>Takes the recording that rebuilds the tar from its tree: tar-split's JSON lines, not compressed.</summary>
    public IByteSink? TarSplit { get; init; }

    /// <summary>Receives progress, about every 256 KiB of tar, on the working threads.</summary>
    public IProgress<LayerProgress>? Progress { get; init; }

    /// <summary>Limits on the input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
