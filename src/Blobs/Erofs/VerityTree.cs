using System.Security.Cryptography;

namespace Blobs.Erofs;

/// <summary>
/// Makes the dm-verity tree of an image while the image is written. Each block is hashed as it comes; at the end the hashes are written
/// behind the image, and hashed block by block themselves, until one hash is left. In the file the smallest level comes first.
/// </summary>
/// <param name="blockBytes">Bytes of a block, of the image and of the tree.</param>
/// <param name="openSpill">Opens a temporary file for the hashes of a large level.</param>
internal sealed class VerityTree(int blockBytes, Func<Stream>? openSpill) : IDisposable
{
    private const int WriteBytes = 512 << 10;

    private readonly byte[] _salted = new byte[VeritySuperblock.SaltBytes + blockBytes];
    private readonly byte[] _hash = new byte[VerityHashes.HashBytes];
    private readonly VerityHashes _leaves = new(openSpill);
    private int _used;

    private Span<byte> Block => _salted.AsSpan(VeritySuperblock.SaltBytes);

    /// <summary>Takes the next bytes of the image.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken = Math.Min(bytes.Length, blockBytes - _used);
            bytes[..taken].CopyTo(Block[_used..]);
            Take(taken);
            bytes = bytes[taken..];
        }
    }

    /// <summary>Takes a hole of the image.</summary>
    public void AppendZeros(long count)
    {
        while (count > 0)
        {
            int taken = (int)Math.Min(count, blockBytes - _used);
            Block.Slice(_used, taken).Clear();
            Take(taken);
            count -= taken;
        }
    }

    /// <summary>Writes superblock and tree behind the image.</summary>
    /// <param name="target">The image, of which everything but its header is written.</param>
    /// <param name="header">Its first bytes, which were taken as something else.</param>
    /// <param name="imageBytes">Bytes of the image, all of which were taken.</param>
    /// <param name="uuid">The UUID of the tree.</param>
    public ErofsVerity Write(Stream target, ReadOnlySpan<byte> header, long imageBytes, Guid uuid)
    {
        for (int i = 0; i < header.Length / blockBytes; i++)
        {
            header.Slice(i * blockBytes, blockBytes).CopyTo(Block);
            _leaves.Replace(i, Hash());
        }

        Block.Clear();
        VeritySuperblock.Write(Block, uuid, blockBytes, _leaves.Count);
        target.Position = imageBytes;
        target.Write(Block);
        long end = imageBytes + blockBytes + TreeBytes(_leaves.Count);
        WriteLevel(target, _leaves, end);
        return new ErofsVerity
        {
            RootHash = Convert.ToHexStringLower(_hash),
            HashOffset = imageBytes,
            Bytes = end - imageBytes,
        };
    }

    public void Dispose() => _leaves.Dispose();

    private void Take(int count)
    {
        _used += count;
        if (_used == blockBytes)
        {
            _leaves.Add(Hash());
            _used = 0;
        }
    }

    private ReadOnlySpan<byte> Hash()
    {
        SHA256.HashData(_salted, _hash);
        return _hash;
    }

    private long LevelBytes(long hashCount) => ErofsFormat.RoundUp(hashCount * VerityHashes.HashBytes, blockBytes);

    // Bytes of the level that holds these hashes, and of all above it.
    private long TreeBytes(long hashCount)
    {
        long bytes = LevelBytes(hashCount);
        return bytes == blockBytes ? bytes : bytes + TreeBytes(bytes / blockBytes);
    }

    // Each level ends where the one below begins. The hash of the last block that is written is the root's.
    private void WriteLevel(Stream target, VerityHashes hashes, long end)
    {
        long levelBytes = LevelBytes(hashes.Count);
        using var above = new VerityHashes(openSpill);
        target.Position = end - levelBytes;
        var output = new BufferedStream(target, WriteBytes);
        for (long offset = 0; offset < levelBytes; offset += blockBytes)
        {
            Block[hashes.Read(offset, Block)..].Clear();
            output.Write(Block);
            above.Add(Hash());
        }

        output.Flush();
        if (above.Count > 1)
        {
            WriteLevel(target, above, end - levelBytes);
        }
    }
}
