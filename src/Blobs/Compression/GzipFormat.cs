using System.Buffers.Binary;
using System.IO.Compression;
using Blobs.Hashing;

namespace Blobs.Compression;

/// <summary>
/// Writes gzip as one member without name or time, with the header of Go's compress/gzip. Blocks are joined by an empty stored block
/// (a sync flush, RFC 1951, 3.2.4). Each join costs five bytes, and matches cannot reach across it.
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
            // Disposing has added the end of the stream; remove it, because more blocks follow.
            compressed.SetLength(end);
        }
        else if (compressed.Length == 0)
        {
            // For empty input DeflateStream writes nothing, but a gzip member needs a final block.
            compressed.Write([0x03, 0x00]);
        }
    }

    public override void UpdateTrailer(ReadOnlySpan<byte> block)
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
