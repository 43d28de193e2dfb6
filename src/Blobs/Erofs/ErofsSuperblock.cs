using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Erofs;

/// <summary>The superblock: what an image is, and where its metadata begins.</summary>
internal sealed record ErofsSuperblock
{
    // Offsets of the fields.
    private const int Checksum = 4;
    private const int FeatureCompat = 8;
    private const int BlockSizeBits = 12;
    private const int RootNode = 14;
    private const int Inodes = 16;
    private const int Blocks = 36;
    private const int MetadataBlock = 40;
    private const int UuidBytes = 48;
    private const int FeatureIncompat = 80;
    private const int DirectoryBlockBits = 90;

    public required int BlockBits { get; init; }

    public required uint RootNid { get; init; }

    public required long InodeCount { get; init; }

    public required long ImageBytes { get; init; }

    /// <summary>Where node 0 would lie.</summary>
    public required long MetadataOffset { get; init; }

    /// <summary>Whether some file has a map of its chunks.</summary>
    public required bool HasChunks { get; init; }

    public required Guid Uuid { get; init; }

    private int ChecksummedBytes => (1 << BlockBits) > ErofsFormat.SuperblockOffset
        ? (1 << BlockBits) - ErofsFormat.SuperblockOffset
        : 1 << BlockBits;

    /// <summary>Writes it into the first bytes of the image.</summary>
    public void Write(Span<byte> header)
    {
        Span<byte> block = header[ErofsFormat.SuperblockOffset..];
        BinaryPrimitives.WriteUInt32LittleEndian(block, ErofsFormat.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(block[FeatureCompat..], ErofsFormat.CompatChecksum | ErofsFormat.CompatModifiedTime);
        block[BlockSizeBits] = (byte)BlockBits;
        BinaryPrimitives.WriteUInt16LittleEndian(block[RootNode..], checked((ushort)RootNid));
        BinaryPrimitives.WriteUInt64LittleEndian(block[Inodes..], (ulong)InodeCount);
        BinaryPrimitives.WriteUInt32LittleEndian(block[Blocks..], checked((uint)(ImageBytes >> BlockBits)));
        BinaryPrimitives.WriteUInt32LittleEndian(block[MetadataBlock..], checked((uint)(MetadataOffset >> BlockBits)));
        Uuid.TryWriteBytes(block[UuidBytes..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(block[FeatureIncompat..], HasChunks ? ErofsFormat.IncompatChunkedFile : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(block[Checksum..], ChecksumOf(block[..ChecksummedBytes]));
    }

    /// <summary>Reads it from the first bytes of an image.</summary>
    /// <exception cref="MalformedDataException">It is not an image, a damaged one, or of an unknown form.</exception>
    public static ErofsSuperblock Read(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> block = header[ErofsFormat.SuperblockOffset..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(block) != ErofsFormat.Magic)
        {
            throw Error("this is not an EROFS image, or one that was not completed");
        }

        int blockBits = block[BlockSizeBits];
        uint incompat = BinaryPrimitives.ReadUInt32LittleEndian(block[FeatureIncompat..]);
        bool isKnown = blockBits is >= ErofsFormat.TarBlockBits and <= ErofsFormat.PlainBlockBits
            && (incompat & ~ErofsFormat.IncompatChunkedFile) == 0 && block[DirectoryBlockBits] == 0;
        if (!isKnown)
        {
            throw Error("the image has a form that is not supported, such as compression");
        }

        var superblock = new ErofsSuperblock
        {
            BlockBits = blockBits,
            RootNid = BinaryPrimitives.ReadUInt16LittleEndian(block[RootNode..]),
            InodeCount = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(block[Inodes..]), long.MaxValue),
            ImageBytes = (long)BinaryPrimitives.ReadUInt32LittleEndian(block[Blocks..]) << blockBits,
            MetadataOffset = (long)BinaryPrimitives.ReadUInt32LittleEndian(block[MetadataBlock..]) << blockBits,
            HasChunks = incompat != 0,
            Uuid = new Guid(block.Slice(UuidBytes, 16), bigEndian: true),
        };
        superblock.CheckChecksum(block);
        return superblock;
    }

    private void CheckChecksum(ReadOnlySpan<byte> block)
    {
        bool hasChecksum = (BinaryPrimitives.ReadUInt32LittleEndian(block[FeatureCompat..]) & ErofsFormat.CompatChecksum) != 0;
        if (!hasChecksum)
        {
            return;
        }

        byte[] copy = block[..ChecksummedBytes].ToArray();
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(copy.AsSpan(Checksum));
        copy.AsSpan(Checksum, sizeof(uint)).Clear();
        if (ChecksumOf(copy) != expected)
        {
            throw Error("the image's superblock does not match its checksum");
        }
    }

    // CRC-32C without the final inversion; the field itself counts as zero.
    private static uint ChecksumOf(ReadOnlySpan<byte> block)
    {
        uint checksum = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(block))
        {
            checksum = BitOperations.Crc32C(checksum, word);
        }

        return checksum;
    }

    private static MalformedDataException Error(string message) =>
        Throw.Error(Fault.ErofsImage, ErofsFormat.SuperblockOffset, $"erofs: {message}");
}
