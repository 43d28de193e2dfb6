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
internal sealed class GzipEncoder : IByteSink
{
    private const int BlockBytes = 1 << 20;
    private const int UsualLevel = 6;

    private readonly IByteSink _target;
    private readonly ZLibCompressionOptions _level;
    private readonly Crc32 _checksum = new();

    // As many blocks as threads: when all are full they are compressed side by side and written in order.
    private readonly byte[][] _blocks;
    private readonly MemoryStream[] _compressed;
    private int _fullBlocks;
    private int _blockLength;
    private uint _length;
    private bool _isStarted;

    public GzipEncoder(IByteSink target, EncoderOptions? options = null)
    {
        _target = target;
        _level = new ZLibCompressionOptions { CompressionLevel = Math.Clamp(options?.Level ?? UsualLevel, 1, 9) };
        int threads = Math.Max(1, options?.Threads ?? 1);
        _blocks = new byte[threads][];
        _compressed = new MemoryStream[threads];
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _length += (uint)bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_blockLength == BlockBytes)
            {
                _fullBlocks++;
                _blockLength = 0;
                if (_fullBlocks == _blocks.Length)
                {
                    WriteBlocks(isLast: false);
                }
            }

            byte[] block = _blocks[_fullBlocks] ??= ResidentArray.AllocateUninitialized<byte>(BlockBytes);
            int taken = Math.Min(bytes.Length, BlockBytes - _blockLength);
            bytes[..taken].CopyTo(block.AsSpan(_blockLength));
            _blockLength += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Writes what is left and the trailer. Called once.</summary>
    public void Complete()
    {
        WriteBlocks(isLast: true);
        Span<byte> trailer = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[sizeof(uint)..], _length);
        _target.Write(trailer);
    }

    private void WriteBlocks(bool isLast)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _target.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        }

        // The last block may be partly filled, or empty when nothing was ever written.
        int count = isLast ? _fullBlocks + 1 : _fullBlocks;
        int lastLength = isLast ? _blockLength : BlockBytes;
        if (count == 1)
        {
            Compress(0, lastLength, isLast);
        }
        else
        {
            Parallel.For(0, count, i => Compress(i, i == count - 1 ? lastLength : BlockBytes, isLast && i == count - 1));
        }

        for (int i = 0; i < count; i++)
        {
            // Whole blocks: what is written a few bytes at a time would be summed a byte at a time.
            _checksum.Append(_blocks[i].AsSpan(0, i == count - 1 ? lastLength : BlockBytes));
            _target.Write(_compressed[i].GetBuffer().AsSpan(0, (int)_compressed[i].Length));
        }

        _fullBlocks = 0;
    }

    private void Compress(int index, int length, bool isFinal)
    {
        MemoryStream compressed = _compressed[index] ??= new MemoryStream();
        compressed.SetLength(0);
        long end = 0;
        using (var deflate = new DeflateStream(compressed, _level, leaveOpen: true))
        {
            deflate.Write(_blocks[index] ?? [], 0, length);
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
