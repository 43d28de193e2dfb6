using System.Text;
using Blobs.Errors;
using Blobs.TarSplit;
using Blobs.Tests.Testing;

namespace Blobs.Tests.TarSplit;

public sealed class TarSplitReaderTests
{
    [Fact]
    public void Reads_recordings_of_the_oldest_versions()
    {
        // Up to 0.11.3, recordings end with an empty segment.
        List<string> entries = Read("{\"type\":2,\"payload\":\"AAE=\",\"position\":0}\n{\"type\":2,\"payload\":\"\",\"position\":1}\n");
        Assert.Equal(["Segment  0 0001", "Segment  0 "], entries);
    }

    [Fact]
    public void Needs_no_newline_between_objects_and_ignores_unknown_keys() =>
        Assert.Equal(
            ["File a 3 6F90000000000000", "Segment  0 01"],
            Read("{\"new\":{\"x\":[1,2]},\"type\":1,\"name\":\"a\",\"size\":3,\"payload\":\"b5AAAAAAAAA=\"} {\"type\":2,\"payload\":\"AQ==\"}"));

    [Fact]
    public void Matches_keys_in_any_case() => Assert.Equal(["File a 3 "], Read("{\"TYPE\":1,\"Name\":\"a\",\"sIzE\":3,\"payload\":null}"));

    [Fact]
    public void Decodes_escapes_in_names_and_payloads() =>
        Assert.Equal(
            ["File a<\u2028é 0 FFFF"],
            Read("{\"type\":1,\"name\":\"a\\u003c\\u2028\\u00e9\",\"payload\":\"\\/\\/8=\"}"));

    [Theory]
    [InlineData("{\"type\":1,\"name\":\"x\",\"name_raw\":\"Y2Fm6Q==\"}")]
    [InlineData("{\"type\":1,\"name_raw\":\"Y2Fm6Q==\",\"name\":\"x\"}")]
    public void A_raw_name_takes_precedence(string json) => Assert.Equal(["File caf\u00e9 0 "], Read(json, Encoding.Latin1));

    [Fact]
    public void Reports_unknown_types_as_such() => Assert.Equal(["Unknown  0 "], Read("{\"type\":9}"));

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"type\":1")]
    [InlineData("{\"type\":\"1\"}")]
    [InlineData("{\"type\":2,\"payload\":\"A\"}")]
    [InlineData("{\"type\":1,\"size\":-1}")]
    [InlineData("{\"type\":1,\"name\":3}")]
    [InlineData("garbage")]
    [InlineData("{\"type\":1}}")]
    public void Rejects_streams_that_are_not_tar_split(string json) =>
        Assert.Equal(Fault.TarSplitSyntax, Assert.Throws<MalformedDataException>(() => Read(json)).Fault);

    [Fact]
    public void Rejects_an_object_longer_than_the_limit() =>
        Assert.Throws<LimitExceededException>(() => Read($"{{\"type\":2,\"payload\":\"{new string('A', 400_000)}\"}}", limitBytes: 100_000));

    [Fact]
    public void Reads_an_object_larger_than_its_buffer() =>
        Assert.Single(Read($"{{\"type\":2,\"payload\":\"{new string('A', 400_000)}\"}}\n"));

    private static List<string> Read(string json, Encoding? nameEncoding = null, int limitBytes = 64 << 20)
    {
        // One source that returns a byte at a time, and one that returns everything at once.
        List<string>[] results = [.. new[] { 1, int.MaxValue }.Select(chunkBytes =>
        {
            if (chunkBytes == 1 && json.Length > 10_000)
            {
                chunkBytes = 4096;
            }

            using var reader = new TarSplitReader(
                new ChunkedStream(Encoding.UTF8.GetBytes(json), chunkBytes), new Limits { TarSplitLineBytes = limitBytes });
            var entries = new List<string>();
            while (reader.Read())
            {
                string name = (nameEncoding ?? Encoding.UTF8).GetString(reader.Name);
                entries.Add($"{reader.Kind} {name} {reader.Size} {Convert.ToHexString(reader.Payload)}");
            }

            return entries;
        })];
        Assert.Equal(results[0], results[1]);
        return results[0];
    }
}
