using System.Buffers;
using Blobs.Buffers;
using Blobs.Compression;

namespace Blobs.Transfer;

/// <summary>Compresses a tar on its way to somebody who is awaited. The same tar gives the same bytes, on any number of threads.</summary>
internal static class TarCompressor
{
    private const int ChunkBytes = 256 << 10;

    /// <summary>Reads a tar to its end and writes it compressed.</summary>
    public static async Task WriteAsync(
        Stream tar, CompressionKind kind, int threads, Stream target, CancellationToken cancellationToken)
    {
        using var compressed = new MemoryStream();
        var sink = new StreamSink(compressed);
        var options = new EncoderOptions { Threads = threads };
        using ZstdEncoder? zstd = kind == CompressionKind.Zstd ? new ZstdEncoder(sink, options) : null;
        GzipEncoder? gzip = kind == CompressionKind.Gzip ? new GzipEncoder(sink, options) : null;
        IByteSink encoder = zstd as IByteSink ?? gzip ?? throw new ArgumentOutOfRangeException(nameof(kind), kind, "gzip or zstd");
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int read;
            while ((read = await tar.ReadAsync(chunk, cancellationToken).ConfigureAwait(false)) > 0)
            {
                encoder.Write(chunk.AsSpan(0, read));
                await DrainAsync(compressed, target, cancellationToken).ConfigureAwait(false);
            }

            zstd?.Complete();
            gzip?.Complete();
            await DrainAsync(compressed, target, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static async ValueTask DrainAsync(MemoryStream compressed, Stream target, CancellationToken cancellationToken)
    {
        if (compressed.Length > 0)
        {
            await target.WriteAsync(compressed.GetBuffer().AsMemory(0, (int)compressed.Length), cancellationToken).ConfigureAwait(false);
            compressed.SetLength(0);
        }
    }
}
