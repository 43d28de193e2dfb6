using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>Tells how a stream is compressed by its first bytes.</summary>
internal static class CompressionDetector
{
    /// <summary>First bytes that suffice.</summary>
    public const int PrefixBytes = 6;

    private static ReadOnlySpan<byte> Lz4 => [0x04, 0x22, 0x4d, 0x18];

    private static ReadOnlySpan<byte> Compress => [0x1f, 0x9d];

    /// <summary>Looks at the first <see cref="PrefixBytes"/> bytes, or all there are.</summary>
    /// <exception cref="MalformedDataException">The format is one that layers do not come in.</exception>
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

        if (prefix.StartsWith(LibraryFormat.Bzip2.Magic))
        {
            return CompressionKind.Bzip2;
        }

        if (prefix.StartsWith(LibraryFormat.Xz.Magic))
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
                $"the stream is compressed with {name}; layers are gzip, zstd, bzip2, xz or not compressed");
        }

        return CompressionKind.None;
    }
}
