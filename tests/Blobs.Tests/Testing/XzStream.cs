using System.Buffers.Binary;
using System.IO.Hashing;

namespace Blobs.Tests.Testing;

/// <summary>Writes .xz streams with uncompressed LZMA2 chunks, and with wrong sizes on request.</summary>
internal static class XzStream
{
    /// <param name="plain">The content.</param>
    /// <param name="window">The encoded LZMA2 window size: 8 is 64 KiB, 40 is 4 GiB.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="records">Number of blocks according to the index; the real number when null.</param>
    /// <param name="declared">Difference between the sizes in the block headers and the real ones; no sizes when
    /// null.</param>
    public static byte[] Of(
        byte[] plain, byte window = 8, int blocks = 1, int? records = null, (int Compressed, int Uncompressed)? declared = null)
    {
        byte[] flags = [0, 1];
        var stream = new List<byte>([0xfd, .. "7zXZ\0"u8, .. flags, .. Crc(flags)]);
        var index = new List<byte>([0, (byte)(records ?? blocks)]);
        int size = (plain.Length + blocks - 1) / blocks;
        for (int i = 0; i < blocks; i++)
        {
            byte[] part = plain[Math.Min(plain.Length, i * size)..Math.Min(plain.Length, (i + 1) * size)];
            byte[] block = Block(part, window, declared);
            stream.AddRange(block);
            stream.AddRange(new byte[(4 - (block.Length % 4)) % 4]);
            stream.AddRange(Crc(part));
            index.AddRange([.. Number(block.Length + 4), .. Number(part.Length)]);
        }

        index.AddRange(new byte[(4 - (index.Count % 4)) % 4]);
        index.AddRange(Crc([.. index]));
        stream.AddRange(index);
        byte[] back = new byte[6];
        BinaryPrimitives.WriteInt32LittleEndian(back, (index.Count / 4) - 1);
        flags.CopyTo(back, 4);
        return [.. stream, .. Crc(back), .. back, .. "YZ"u8];
    }

    private static byte[] Block(byte[] plain, byte window, (int Compressed, int Uncompressed)? declared)
    {
        byte[] chunks = Chunks(plain);
        byte[] header = declared is not { } more
            ? [2, 0, 0x21, 1, window, 0, 0, 0]
            : [2, 0xc0, checked((byte)(chunks.Length + more.Compressed)), checked((byte)(plain.Length + more.Uncompressed)), 0x21, 1, window, 0];
        return [.. header, .. Crc(header), .. chunks];
    }

    private static byte[] Chunks(byte[] plain)
    {
        var block = new List<byte>();
        const int ChunkBytes = 1 << 16;
        for (int position = 0; position < plain.Length; position += ChunkBytes)
        {
            int length = Math.Min(ChunkBytes, plain.Length - position);
            block.AddRange([position == 0 ? (byte)1 : (byte)2, (byte)((length - 1) >> 8), (byte)(length - 1)]);
            block.AddRange(plain.AsSpan(position, length));
        }

        block.Add(0);
        return [.. block];
    }

    private static byte[] Number(int value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7f; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }

    private static byte[] Crc(byte[] bytes) => Crc32.Hash(bytes);
}
