using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

public sealed class RegistryListTests
{
    private const string TagsPath = "/v2/app/tags/list";
    private const string ReferrersPath = "/v2/app/referrers/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public async Task Pages_are_followed_to_the_last()
    {
        FakeRegistry fake = new FakeRegistry().On(
            $"GET {TagsPath}",
            _ => Page("""{"name":"app","tags":["1","2"]}""", $"<{TagsPath}?last=2&n=2>; rel=\"next\""),
            _ => Page("""{"name":"app","tags":["3"]}""", "</v2/app/tags/list?last=3&n=2>; rel=\"first\""));
        Assert.Equal(["1", "2", "3"], await ListAsync(fake.Repository().TagsAsync()));
        Assert.Equal($"GET {TagsPath}?last=2&n=2", fake.Asked[^1]);
    }

    [Theory]
    [InlineData("<?p=2>; rel=\"next\"", "?p=2")]
    [InlineData("<?p=2>;rel=next", "?p=2")]
    [InlineData("<?p=2>; REL=\"Next last\"", "?p=2")]
    [InlineData("<?p=0>; rel=\"prev\", <?p=2>; rel=\"next\"", "?p=2")]
    [InlineData("<?p=0>; title=\"a, <b>; rel=next\"; rel=prev, <?p=2,3>; title=\"x\"; rel=\"next\"", "?p=2,3")]
    [InlineData("<?p=2>; rel=\"nextish\"", null)]
    [InlineData("<?p=2>", null)]
    [InlineData("<?p=2; rel=\"next\"", null)]
    [InlineData(">?p=2<; rel=\"next\"", null)]
    [InlineData("rel=\"next\"", null)]
    [InlineData("", null)]
    public void The_next_page_is_found_among_other_links(string header, string? address) =>
        Assert.Equal(address, PageLink.Next(header));

    [Theory]
    [InlineData("""{"name":"app","tags":null}""")]
    [InlineData("{}")]
    public async Task No_tags_are_an_empty_list(string body) =>
        Assert.Empty(await ListAsync(new FakeRegistry().On($"GET {TagsPath}", _ => Text(body)).Repository().TagsAsync()));

    [Theory]
    [InlineData("<https://elsewhere.example/v2/app/tags/list>; rel=\"next\"")]
    [InlineData("<http://registry.example/v2/app/tags/list>; rel=\"next\"")]
    [InlineData("<?n=1000>; rel=\"next\"")]
    public async Task A_next_page_that_is_the_same_or_on_another_server_is_refused(string link)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {TagsPath}", _ => Page("""{"tags":["1"]}""", link));
        await Assert.ThrowsAsync<MalformedDataException>(() => ListAsync(fake.Repository().TagsAsync()));
    }

    [Fact]
    public async Task An_endless_list_is_an_error()
    {
        int page = 0;
        FakeRegistry fake = new FakeRegistry().On(
            $"GET {TagsPath}", _ => Page("""{"tags":["1"]}""", $"<?last={++page}>; rel=\"next\""));
        using var client = new RegistryClient(fake.Options() with { Limits = new Limits { RegistryPages = 10 } });
        await Assert.ThrowsAsync<LimitExceededException>(() => ListAsync(client.Repository(Image).TagsAsync()));
        Assert.Equal(10, page);
    }

    [Fact]
    public async Task Repositories_are_listed_for_a_registry()
    {
        FakeRegistry fake = new FakeRegistry().On("GET /v2/_catalog", _ => Text("""{"repositories":["a","b/c"]}"""));
        using RegistryClient client = fake.Client();
        Assert.Equal(["a", "b/c"], await ListAsync(client.RepositoriesAsync(Domain)));
    }

    [Fact]
    public async Task Referrers_are_filtered_even_where_the_registry_does_not()
    {
        ImageIndex index = Referrers("a/signature", "a/sbom");
        FakeRegistry fake = new FakeRegistry().On($"GET {ReferrersPath}", _ => Bytes(index.Bytes.ToArray(), MediaTypes.OciIndex));
        Descriptor found = Assert.Single(await ListAsync(fake.Repository().ReferrersAsync(Digest.OfSha256([]), "a/sbom")));
        Assert.Equal("a/sbom", found.ArtifactType);
        Assert.EndsWith("?artifactType=a%2Fsbom", fake.Asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_registries_keep_referrers_under_a_tag()
    {
        const string Tag = "sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        ImageIndex index = Referrers("a/signature");
        FakeRegistry fake = new FakeRegistry()
            .On($"HEAD /v2/app/manifests/{Tag}", _ => Status(200, "", ("Docker-Content-Digest", $"{index.Digest}")))
            .On($"GET /v2/app/manifests/{Tag}", _ => Bytes(index.Bytes.ToArray(), MediaTypes.OciIndex));
        Assert.Single(await ListAsync(fake.Repository().ReferrersAsync(Digest.OfSha256([]))));
    }

    [Fact]
    public async Task Without_a_fallback_tag_an_old_registry_has_no_referrers() =>
        Assert.Empty(await ListAsync(new FakeRegistry().Repository().ReferrersAsync(Digest.OfSha256([]))));

    private static ImageIndex Referrers(params string[] types) => ManifestWriter.Index(
        MediaTypes.OciIndex, [.. types.Select(type => Describe([1]) with { MediaType = MediaTypes.OciManifest, ArtifactType = type })]);

    private static HttpResponseMessage Page(string body, string link)
    {
        HttpResponseMessage response = Text(body);
        response.Headers.TryAddWithoutValidation("Link", link);
        return response;
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (T item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
