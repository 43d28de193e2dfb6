using System.Buffers.Binary;
using System.Security.Cryptography;
using Blobs.Erofs;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Erofs;

/// <summary>dm-verity trees, held against the root hashes that veritysetup 2.6 prints for the same images.</summary>
public sealed class ErofsVerityTests
{
    private const int SaltBytes = 32;
    private const int HashBytes = 32;

    [Theory]
    [InlineData(ErofsLayout.Plain, "5a340ff0f10bbef123bda31df0c154beb12fc9c5ab037f8063d2a9eadb0c7148")]
    [InlineData(ErofsLayout.Tar, "8d126ce89026e84de8c8d94c6ed9cb7fa5c59fa9e0682b59ad142472a102ac5b")]
    public async Task The_root_hash_is_that_of_veritysetup(ErofsLayout layout, string rootHash)
    {
        byte[] plain = await ErofsImages.WriteAsync(ErofsGoldenTests.Layer(), layout);
        (byte[] image, ErofsVerity verity) = await WriteAsync(ErofsGoldenTests.Layer(), layout);
        Assert.Equal(rootHash, verity.RootHash);
        Assert.Equal(plain, image[..plain.Length]);
        Assert.Equal((plain.Length, image.Length - plain.Length), (verity.HashOffset, verity.Bytes));
        Assert.Equal($"{{\"roothash\":\"{rootHash}\",\"hashoffset\":{plain.Length}}}", verity.ToJson());
    }

    [Fact]
    public async Task The_superblock_says_what_was_hashed_and_has_a_UUID_of_the_layer()
    {
        (byte[] image, ErofsVerity verity) = await WriteAsync(ErofsGoldenTests.Layer(), ErofsLayout.Tar);
        ReadOnlySpan<byte> block = image.AsSpan((int)verity.HashOffset, 512);
        Assert.Equal("verity\0\0"u8, block[..8]);
        Assert.Equal("sha256\0"u8, block.Slice(32, 7));
        Assert.Equal(512, BinaryPrimitives.ReadInt32LittleEndian(block[64..]));
        Assert.Equal(512, BinaryPrimitives.ReadInt32LittleEndian(block[68..]));
        Assert.Equal(verity.HashOffset / 512, BinaryPrimitives.ReadInt64LittleEndian(block[72..]));
        Assert.Equal("6d2d7d43-4cb5-59f1-90ec-e00e4aad4269", $"{new Guid(block.Slice(16, 16), bigEndian: true)}");
    }

    [Theory]
    [InlineData(ErofsLayout.Plain)]
    [InlineData(ErofsLayout.Tar)]
    public async Task Every_block_hashes_to_its_leaf_up_to_the_root(ErofsLayout layout)
    {

        byte[] tar = Archive.Of(Archive.File("large", new string('x', 1 << 20)), Archive.File("f", "content"));
        int opened = 0;
        (byte[] image, ErofsVerity verity) = await WriteAsync(tar, layout, () =>
        {
            opened++;
            return new MemoryStream();
        });
        int blockBytes = layout == ErofsLayout.Tar ? 512 : 4096;
        byte[] level = image[..(int)verity.HashOffset];
        var levels = new List<byte[]>();
        do
        {
            level = LevelAbove(level, blockBytes);
            levels.Insert(0, level);
        }
        while (level.Length > blockBytes);
        Assert.Equal(levels.SelectMany(bytes => bytes), image.Skip((int)verity.HashOffset + blockBytes));
        Assert.Equal(verity.RootHash, Convert.ToHexStringLower(Hash(levels[0])));
        Assert.Equal(0, opened);
    }

    [Fact]
    public void Hashes_beyond_those_in_memory_go_to_a_temporary_file_and_come_back()
    {
        const int Count = (16 << 20) / HashBytes + 3;
        var spill = new MemoryStream();
        using var hashes = new VerityHashes(() => spill);
        byte[] hash = new byte[HashBytes];
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(hash, i);
            hashes.Add(hash);
        }

        BinaryPrimitives.WriteInt32LittleEndian(hash, -1);
        hashes.Replace(0, hash);
        byte[] read = new byte[5 * HashBytes];
        Assert.Equal(read.Length, hashes.Read(0, read));
        Assert.Equal(-1, BinaryPrimitives.ReadInt32LittleEndian(read));
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(read.AsSpan(HashBytes)));
        Assert.Equal(4 * HashBytes, hashes.Read((Count - 4L) * HashBytes, read));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(Count - 4 + i, BinaryPrimitives.ReadInt32LittleEndian(read.AsSpan(i * HashBytes)));
        }

        Assert.Equal(3 * HashBytes, spill.Length);
    }

    [Fact]
    public async Task The_tar_of_an_image_with_a_tree_comes_back()
    {
        (byte[] image, _) = await WriteAsync(ErofsGoldenTests.Layer(), ErofsLayout.Tar);
        using var tar = new MemoryStream();
        await ErofsLayer.ExportAsync(new MemoryStream(image), null, tar);
        Assert.Equal(ErofsGoldenTests.Layer(), tar.ToArray());
    }

    private static async Task<(byte[] Image, ErofsVerity Verity)> WriteAsync(
        byte[] tar, ErofsLayout layout, Func<Stream>? openSpill = null)
    {
        using var image = new MemoryStream();
        ErofsSummary summary = await ErofsLayer.WriteAsync(
            new MemoryStream(tar),
            image,
            options: new ErofsOptions { Layout = layout, HasVerity = true, OpenSpill = openSpill });
        Assert.Equal(image.Length, summary.ImageBytes);
        return (image.ToArray(), summary.Verity!);
    }

    private static byte[] LevelAbove(byte[] level, int blockBytes)
    {
        byte[] hashes = [.. level.Chunk(blockBytes).SelectMany(Hash)];
        Array.Resize(ref hashes, (hashes.Length + blockBytes - 1) / blockBytes * blockBytes);
        return hashes;
    }

    private static byte[] Hash(byte[] block) => SHA256.HashData([.. new byte[SaltBytes], .. block]);
}
