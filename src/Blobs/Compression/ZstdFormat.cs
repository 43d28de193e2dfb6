using System.Collections.Concurrent;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Blobs.Compression;

/// <summary>
/// Writes Zstandard (RFC 8878). Each block is a frame with its size and a checksum; decoders read concatenated frames as one stream
/// (3.1).
/// </summary>
internal sealed class ZstdFormat(int? level) : BlockFormat
{
    private const int UsualLevel = 3;

    private readonly int _level = Math.Clamp(level ?? UsualLevel, 1, Compressor.MaxCompressionLevel);
    private readonly ConcurrentBag<Compressor> _idle = [];

    // Twice the window of the default level. That frames cannot look back costs 1.7 % in size, measured on two layers of 700 MB.
    public override int BlockBytes => 4 << 20;

    public override void Compress(ReadOnlySpan<byte> block, bool isFinal, MemoryStream compressed)
    {
        Compressor compressor = _idle.TryTake(out Compressor? idle) ? idle : MakeCompressor();
        compressed.SetLength(Compressor.GetCompressBound(block.Length));
        compressed.SetLength(compressor.Wrap(block, compressed.GetBuffer().AsSpan(0, (int)compressed.Length)));
        _idle.Add(compressor);
    }

    public override void Dispose()
    {
        while (_idle.TryTake(out Compressor? compressor))
        {
            compressor.Dispose();
        }

        base.Dispose();
    }

    private Compressor MakeCompressor()
    {
        var compressor = new Compressor(_level);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressor;
    }
}
