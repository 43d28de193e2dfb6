using System.Buffers.Binary;
using System.IO.Compression;
using Blobs.Buffers;
using Blobs.Hashing;

namespace Blobs.Compression;

/// <summary>
/// gzip as one member without name or time, its header that of Go's compress/gzip. The input is cut into blocks of
/// 1 MiB which are compressed on their own, so that the bytes that come out do not depend on the number of threads; the join
/// of two blocks is an empty stored block (a sync flush, RFC 1951, 3.2.4), and costs five bytes and the window.
/// </summary>
public sealed class GzipEncoder : BlockEncoder
{
    private const int BlockBytes = 1 << 20;
    private const int UsualLevel = 6;

    private readonly ZLibCompressionOptions _level;
    private readonly Crc32 _checksum = new();
    private uint _length;
    private bool _isStarted;

    /// <summary>Begins a stream.</summary>
    /// <param name="target">Takes the compressed bytes; not disposed.</param>
    /// <param name="options">How hard to compress, on how many threads.</param>
    public GzipEncoder(IByteSink target, EncoderOptions? options = null)
        : base(target, BlockBytes, options?.Threads ?? 1)
    {
        _level = new ZLibCompressionOptions { CompressionLevel = Math.Clamp(options?.Level ?? UsualLevel, 1, 9) };
    }

    /// <summary>Writes what is left and the trailer. Called once.</summary>
    public void Complete()
    {
        WriteLast();
        Span<byte> trailer = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[sizeof(uint)..], _length);
        Target.Write(trailer);
    }

    // The checksum is taken of whole blocks: what is written a few bytes at a time would be summed a byte at a time.
    private protected override void BeforeWriting(ReadOnlySpan<byte> block)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            Target.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        }

        _checksum.Append(block);
        _length += (uint)block.Length;
    }

    private protected override void Compress(int index, ReadOnlySpan<byte> block, bool isFinal, MemoryStream compressed)
    {
        long end = 0;
        using (var deflate = new DeflateStream(compressed, _level, leaveOpen: true))
        {
            deflate.Write(block);
            if (!isFinal)
            {
                deflate.Flush();
                end = compressed.Length;
            }
        }

        if (!isFinal)
        {
            // Closing has added the end of the stream; more blocks follow instead.
            compressed.SetLength(end);
        }
        else if (compressed.Length == 0)
        {
            // Nothing in, nothing out, says the library; a member still needs a final block, if an empty one.
            compressed.Write([0x03, 0x00]);
        }
    }
}
