using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Erofs;

/// <summary>Sparse files: holes take no space in the image, and read as zeros.</summary>
public sealed class ErofsSparseTests
{
    [Fact]
    public async Task Any_map_reads_back_in_the_plain_layout()
    {
        Gen<(int Gap, int Length)[]> runs = Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 9_000]).Array[0, 6];
        await Cases.AllAsync(Gen.Select(runs, Gen.Int[0, 10_000]), 60, async of =>
        {
            (byte[] tar, byte[] content) = Sparse(of.Item1, of.Item2);
            ErofsDump dump = await ErofsImages.DumpAsync(tar);
            Assert.True(content.AsSpan().SequenceEqual(dump.Nodes["s"].Content));
            Assert.Equal("after", dump.Nodes["z"].Text);
        });
    }

    [Fact]
    public async Task Any_map_of_whole_blocks_reads_back_in_the_tar_layout()
    {
        Gen<(int Gap, int Length)[]> runs = Gen.Select(Gen.Int[0, 40], Gen.Int[0, 9]).Select(of => (of.Item1 * 512, of.Item2 * 512)).Array[0, 6];
        await Cases.AllAsync(Gen.Select(runs, Gen.Int[0, 10_000]), 60, async of =>
        {
            (byte[] tar, byte[] content) = Sparse(of.Item1, of.Item2);
            ErofsDump dump = await ErofsImages.DumpAsync(tar, ErofsLayout.Tar);
            Assert.True(content.AsSpan().SequenceEqual(dump.Nodes["s"].Content));
            Assert.Equal("after", dump.Nodes["z"].Text);
        });
    }

    [Fact]
    public async Task A_map_that_does_not_fit_the_blocks_is_refused_in_the_tar_layout()
    {
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(
            () => ErofsImages.WriteAsync(Sparse([(100, 100)], 1000).Tar, ErofsLayout.Tar));
        Assert.Equal(Fault.ErofsEntry, refused.Fault);
    }

    [Theory]
    [InlineData("0,512", ErofsLayout.Plain)]
    [InlineData("1073741824,0", ErofsLayout.Tar)]
    public async Task A_hole_of_a_terabyte_takes_only_its_map(string map, ErofsLayout layout)
    {
        byte[] image = await ErofsImages.WriteAsync(Member("1099511627776", map, new byte[512]), layout);
        Assert.InRange(image.Length, 1, 6 << 20);
    }

    [Theory]
    [InlineData("9223372036854775807", "0,512", ErofsLayout.Plain)]
    [InlineData("9223372036854775807", "512,512", ErofsLayout.Tar)]
    [InlineData("1125899906842624", "0,512", ErofsLayout.Plain)]
    public async Task A_map_that_would_be_too_large_is_refused(string size, string map, ErofsLayout layout)
    {
        LimitExceededException exceeded = await Assert.ThrowsAsync<LimitExceededException>(
            () => ErofsImages.WriteAsync(Member(size, map, new byte[512]), layout));
        Assert.Equal(nameof(Limits.ErofsMetadataBytes), exceeded.Limit);
    }

    private static (byte[] Tar, byte[] Content) Sparse((int Gap, int Length)[] runs, int hole)
    {
        var map = new List<string>();
        using var stored = new MemoryStream();
        byte[] content = new byte[runs.Sum(run => run.Gap + run.Length) + hole];
        int offset = 0;
        foreach ((int gap, int length) in runs)
        {
            offset += gap;
            byte[] data = [.. Enumerable.Range(1, length).Select(i => (byte)((i * 7) | 1))];
            data.CopyTo(content, offset);
            stored.Write(data);
            map.Add($"{offset},{length}");
            offset += length;
        }

        // GNU tar ends every map like this.
        map.Add($"{content.Length},0");
        return (Member($"{content.Length}", string.Join(',', map), stored.ToArray()), content);
    }

    private static byte[] Member(string size, string map, byte[] stored) =>
    [
        .. Archive.Pax(
            ("GNU.sparse.size", size),
            ("GNU.sparse.numblocks", $"{(map.Count(letter => letter == ',') + 1) / 2}"),
            ("GNU.sparse.map", map)),
        .. Archive.Raw((byte)'0', "s", stored),
        .. Archive.Of(Archive.File("z", "after")),
    ];
}
