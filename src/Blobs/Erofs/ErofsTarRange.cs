using System.Buffers.Binary;

namespace Blobs.Erofs;

/// <summary>
/// Says where the tar lies in an image of <see cref="ErofsLayout.Tar"/>. EROFS has no field for it, so it is written to the first bytes
/// of the image, which EROFS leaves to boot loaders: a magic number, the offset of the tar, and its length.
/// </summary>
/// <param name="Offset">Where the tar begins.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct ErofsTarRange(long Offset, long Length)
{
    private const int OffsetOffset = 8;
    private const int LengthOffset = 16;

    private static ReadOnlySpan<byte> Magic => "EROFSTAR"u8;

    public static void Write(Span<byte> header, long length)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[OffsetOffset..], ErofsFormat.HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[LengthOffset..], length);
    }

    /// <summary>Reads it from the first bytes of an image; null when there is none.</summary>
    public static ErofsTarRange? Read(ReadOnlySpan<byte> header) => header.StartsWith(Magic)
        ? new ErofsTarRange(
            BinaryPrimitives.ReadInt64LittleEndian(header[OffsetOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[LengthOffset..]))
        : null;
}
