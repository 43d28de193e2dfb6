using System.Buffers.Binary;
using System.IO.Compression;
using Blobs.Hashing;

namespace Blobs.Compression;

/// <summary>
/// gzip as one member without name or time, its header that of Go's compress/gzip. The join of two blocks is an empty stored block
/// (a sync flush, RFC 1951, 3.2.4), and costs five bytes and the window.
/// </summary>
internal sealed class GzipFormat(int? level) : BlockFormat
{
    private const int UsualLevel = 6;

    private static readonly byte[] MemberHeader = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

    private readonly ZLibCompressionOptions _level = new() { CompressionLevel = Math.Clamp(level ?? UsualLevel, 1, 9) };
    private readonly Crc32 _checksum = new();
    private uint _length;

    public override int BlockBytes => 1 << 20;

    public override ReadOnlyMemory<byte> Header => MemberHeader;

    public override void Compress(ReadOnlySpan<byte> block, bool isFinal, MemoryStream compressed)
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

    public override void Note(ReadOnlySpan<byte> block)
    {
        _checksum.Append(block);
        _length += (uint)block.Length;
    }

    public override ReadOnlyMemory<byte> MakeTrailer()
    {
        byte[] trailer = new byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(sizeof(uint)), _length);
        return trailer;
    }
}
