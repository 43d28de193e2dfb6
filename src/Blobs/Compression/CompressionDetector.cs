using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Compression;

/// <summary>Detects the compression of a stream by its magic number.</summary>
public static class CompressionDetector
{
    /// <summary>Number of bytes that are enough to detect any format.</summary>
    public const int PrefixBytes = 6;

    private static ReadOnlySpan<byte> Lz4 => [0x04, 0x22, 0x4d, 0x18];

    private static ReadOnlySpan<byte> Compress => [0x1f, 0x9d];

    /// <summary>The compression of a stream.</summary>
    /// <param name="prefix">The first <see cref="PrefixBytes"/> bytes, or all of a shorter stream.</param>
    /// <exception cref="MalformedDataException">The format is known but not supported.</exception>
    public static CompressionKind Detect(ReadOnlySpan<byte> prefix)
    {
        if (prefix.StartsWith(GzipDecoder.Magic))
        {
            return CompressionKind.Gzip;
        }

        if (prefix.StartsWith(ZstdDecoder.Magic) || ZstdDecoder.IsSkippable(prefix))
        {
            return CompressionKind.Zstd;
        }

        if (prefix.StartsWith(SharpCompressFormat.Bzip2.Magic))
        {
            return CompressionKind.Bzip2;
        }

        if (prefix.StartsWith(SharpCompressFormat.Xz.Magic))
        {
            return CompressionKind.Xz;
        }

        string? name = prefix.StartsWith(Lz4) ? "lz4"
            : prefix.StartsWith("LZIP"u8) ? "lzip"
            : prefix.StartsWith(Compress) ? "compress" : null;
        if (name is not null)
        {
            Throw.Malformed(
                Fault.UnsupportedCompression,
                0,
                $"the stream is compressed with {name}, which is not supported; expected gzip, zstd, bzip2, xz or no compression");
        }

        return CompressionKind.None;
    }
}
