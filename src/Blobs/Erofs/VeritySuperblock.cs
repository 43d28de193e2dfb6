using System.Buffers.Binary;

namespace Blobs.Erofs;

/// <summary>The header of a dm-verity tree (cryptsetup, lib/verity/verity.c). All numbers are little-endian.</summary>
internal static class VeritySuperblock
{
    /// <summary>Bytes of the salt that precedes each block where it is hashed: all zero, as in containerd.</summary>
    public const int SaltBytes = 32;

    private const int Version = 8;
    private const int HashType = 12;
    private const int Uuid = 16;
    private const int Algorithm = 32;
    private const int DataBlockBytes = 64;
    private const int HashBlockBytes = 68;
    private const int DataBlocks = 72;
    private const int SaltLength = 80;

    /// <summary>Writes it to the beginning of a block of zeros.</summary>
    public static void Write(Span<byte> block, Guid uuid, int blockBytes, long blockCount)
    {
        "verity"u8.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[Version..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(block[HashType..], 1);
        uuid.TryWriteBytes(block[Uuid..], bigEndian: true, out _);
        "sha256"u8.CopyTo(block[Algorithm..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[DataBlockBytes..], (uint)blockBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(block[HashBlockBytes..], (uint)blockBytes);
        BinaryPrimitives.WriteInt64LittleEndian(block[DataBlocks..], blockCount);
        BinaryPrimitives.WriteUInt16LittleEndian(block[SaltLength..], SaltBytes);
    }
}
