using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>Creates the decoder for a kind of compression.</summary>
internal static class Decoders
{
    public static IDecoder Create(CompressionKind kind, Limits limits) => kind switch
    {
        CompressionKind.None => new PlainDecoder(),
        CompressionKind.Gzip => new GzipDecoder(),
        CompressionKind.Zstd => new ZstdDecoder(limits.ZstdWindowBytes),
        CompressionKind.Bzip2 => new SharpCompressDecoder(SharpCompressFormat.Bzip2, limits),
        CompressionKind.Xz => new SharpCompressDecoder(SharpCompressFormat.Xz, limits),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of compression."),
    };
}
