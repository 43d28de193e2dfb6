using Blobs.Compression;
using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>How a layer is written out. The same options give the same bytes at every call.</summary>
public sealed record LayerEncodeOptions
{
    /// <summary>How it is compressed: not at all, with gzip or with zstd.</summary>
    public CompressionKind Compression { get; init; }

    /// <summary>How hard, and on how many threads; the format's usual level and all processors when null.</summary>
    public EncoderOptions? Encoder { get; init; }

    /// <summary>Digest that the bytes must have, known from an earlier call with the same options. It proves the tar as well, which is
    /// then not hashed.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>Told how far it is, in bytes of the tar, on the threads that do the work.</summary>
    public IProgress<LayerProgress>? Progress { get; init; }
}
