using Blobs.Errors;
using Blobs.Pipeline;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Hostile;

/// <summary>Headers that promise what they cannot keep. Nothing is allocated for a promise: each is refused with what was read so far.</summary>
public sealed class TarTests
{
    private const long Tera = 1L << 40;

    [Theory]
    [InlineData('x', 1L << 30)]
    [InlineData('g', 1L << 30)]
    [InlineData('L', 10L << 20)]
    [InlineData('K', 10L << 20)]
    public async Task An_extension_that_claims_to_be_huge_is_refused_at_its_header(char type, long size)
    {
        byte[] layer = [.. Claiming(type, size), .. Archive.Of(Archive.File("f", "x"))];
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(() => RunAsync(layer));
        Assert.Equal(nameof(Limits.ExtensionBytes), fault.Limit);
    }

    [Theory]
    [InlineData(Tera)]
    [InlineData(long.MaxValue)]
    public Task A_file_that_claims_to_be_huge_ends_early(long size) =>
        Assert.ThrowsAnyAsync<BlobsException>(() => RunAsync([.. Claiming('0', size), .. new byte[4096]]));

    [Fact]
    public Task A_negative_size_is_refused() =>
        Assert.ThrowsAsync<MalformedDataException>(() => RunAsync([.. Claiming('0', -1), .. new byte[4096]]));

    [Theory]
    [InlineData("0,10,5,10")]
    [InlineData("9223372036854775807,1")]
    [InlineData("0,9223372036854775807,1,9223372036854775807")]
    [InlineData("0,-5")]
    [InlineData("90,20")]
    public Task A_sparse_map_that_overlaps_or_leads_beyond_its_file_is_refused(string map)
    {
        byte[] layer =
        [
            .. Archive.Pax(("GNU.sparse.size", "100"), ("GNU.sparse.numblocks", $"{map.Split(',').Length / 2}"), ("GNU.sparse.map", map)),
            .. Archive.Of(Archive.File("s", new byte[20])),
        ];
        return Assert.ThrowsAsync<MalformedDataException>(() => RunAsync(layer));
    }

    private static Task<LayerSummary> RunAsync(byte[] layer) => LayerPipeline.RunAsync(new MemoryStream(layer));

    // GNU's binary form takes any number: 0x80 and big-endian, or all ones in front of a negative one.
    private static byte[] Claiming(char type, long size) => Archive.Raw((byte)type, "claim", [], header =>
    {
        Span<byte> field = header.AsSpan(124, 12);
        field.Fill(size < 0 ? (byte)0xff : (byte)0);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(field[4..], size);
        field[0] |= 0x80;
    });
}
