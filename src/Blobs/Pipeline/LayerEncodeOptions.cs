using Blobs.Compression;
using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>Options for writing a layer. The same options give the same bytes at every call.</summary>
public sealed record LayerEncodeOptions
{
    /// <summary>Compression: none, gzip or zstd.</summary>
    public CompressionKind Compression { get; init; }

    /// <summary>Level and number of threads; the format's default level and all processors when null.</summary>
    public EncoderOptions? Encoder { get; init; }

    /// <summary>Digest that the output must have, known from an earlier call with the same options. It also verifies
    /// the tar, which is then not hashed.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>Receives progress, in bytes of the tar, on the working threads.</summary>
    public IProgress<LayerProgress>? Progress { get; init; }
}
