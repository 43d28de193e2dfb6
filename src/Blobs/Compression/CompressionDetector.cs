using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>Tells how a stream is compressed by its first bytes.</summary>
internal static class CompressionDetector
{
    /// <summary>First bytes that suffice.</summary>
    public const int PrefixBytes = 6;

    private static ReadOnlySpan<byte> Xz => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

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

        string? name = prefix.StartsWith("BZh"u8) ? "bzip2" : prefix.StartsWith(Xz) ? "xz" : null;
        if (name is not null)
        {
            Throw.Malformed(
                Fault.UnsupportedCompression, 0, $"the stream is compressed with {name}; layers are gzip, zstd or not compressed");
        }

        return CompressionKind.None;
    }
}
