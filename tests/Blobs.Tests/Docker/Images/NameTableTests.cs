using System.Text;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Docker.Images;

public sealed class NameTableTests
{
    private const string One = "sha256:7229ec65981ad07d3d610b76ba218412ae7e6279f0e09f534adf11c88a83ee21";
    private const string Two = "sha256:c0de73ac99683640bc8f8de5cda9e0e2fc97fe53d78c9fd60ea69b31303efbc9";

    [Fact]
    public void One_name_is_written_as_the_engine_writes_it()
    {
        byte[] json = With("alpine:3.18", One).ToJson();
        Assert.Equal(117, json.Length);
        Assert.Equal("sha256:cdf984363a76036450a2686d56ac34dbe9e67c7a6b77b2039e6d9fe639b6005d", $"{Digest.OfSha256(json)}");
    }

    [Fact]
    public void No_names_are_an_empty_table() => Assert.Equal("""{"Repositories":{}}""", Encoding.UTF8.GetString(NameTable.Empty.ToJson()));

    [Theory]
    [InlineData("alpine", "alpine", "alpine:latest")]
    [InlineData("docker.io/foo/bar:1", "foo/bar", "foo/bar:1")]
    [InlineData("localhost/x", "localhost/x", "localhost/x:latest")]
    [InlineData("reg:5000/x", "reg:5000/x", "reg:5000/x:latest")]
    [InlineData("localhost:5000", "localhost", "localhost:5000")]
    [InlineData("docker.io/library/alpine", "alpine", "alpine:latest")]
    public void Keys_are_names_as_people_write_them(string name, string repository, string key) => Assert.Equal(
        $$$$$$"""{"Repositories":{"{{{{{{repository}}}}}}":{"{{{{{{key}}}}}}":"{{{{{{One}}}}}}"}}}""",
        Encoding.UTF8.GetString(With(name, One).ToJson()));

    [Fact]
    public void A_name_with_tag_and_digest_is_known_by_its_digest()
    {
        NameTable table = With($"alpine:3@{Two}", One);
        Assert.Equal(
            $$$$$$"""{"Repositories":{"alpine":{"alpine@{{{{{{Two}}}}}}":"{{{{{{One}}}}}}"}}}""", Encoding.UTF8.GetString(table.ToJson()));
        Assert.True(table.TryGet(ImageReference.Parse($"alpine:other@{Two}"), out _));
        Assert.False(table.TryGet(ImageReference.Parse("alpine:3"), out _));
    }

    [Fact]
    public void A_tag_moves_and_a_digest_does_not()
    {
        NameTable table = With("a:1", One).With(ImageReference.Parse("a:1"), Digest.Parse(Two));
        Assert.True(table.TryGet(ImageReference.Parse("a:1"), out Digest? moved));
        Assert.Equal(Two, $"{moved}");

        table = With($"a@{Two}", One).With(ImageReference.Parse($"a@{Two}"), Digest.Parse(Two));
        Assert.True(table.TryGet(ImageReference.Parse($"a@{Two}"), out Digest? kept));
        Assert.Equal(One, $"{kept}");
    }

    [Fact]
    public void A_repository_goes_with_its_last_name()
    {
        NameTable table = With("a:1", One).With(ImageReference.Parse("a:2"), Digest.Parse(One));
        table = table.Without(ImageReference.Parse("a:1"));
        Assert.Equal(["a:2"], table.Of(Digest.Parse(One)).Select(name => name.Familiar));
        Assert.Equal("""{"Repositories":{}}""", Encoding.UTF8.GetString(table.Without(ImageReference.Parse("a:2")).ToJson()));
    }

    [Fact]
    public void Keys_that_are_not_names_are_ignored_and_kept()
    {
        string json = $$$$$$"""{"Repositories":{"A B":{"A B:1":"{{{{{{One}}}}}}"},"a":{"a:1":"{{{{{{One}}}}}}"}}}""";
        NameTable table = NameTable.Parse(Encoding.UTF8.GetBytes(json), "file");
        Assert.Single(table.All);
        Assert.Equal(json, Encoding.UTF8.GetString(table.ToJson()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"Repositories":[]}""")]
    [InlineData("""{"Repositories":{"a":{"a:1":1}}}""")]
    public void A_file_that_is_not_a_table_is_refused(string json) =>
        Assert.Throws<StoreException>(() => NameTable.Parse(Encoding.UTF8.GetBytes(json), "file"));

    private static NameTable With(string name, string image) => NameTable.Empty.With(ImageReference.Parse(name), Digest.Parse(image));
}
