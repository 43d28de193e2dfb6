using System.Net;
using System.Text.Json;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>OCI distribution-spec 1.1, workflow "Content Discovery".</summary>
public sealed class ContentDiscoveryTests : IAsyncLifetime
{
    private static readonly string[] Tags = ["0", "A", "Z", "_x", "a", "b", "v1.0", "v1.10", "v1.2"];

    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Tags_are_listed_in_bytewise_order()
    {
        await PushTagsAsync();
        HttpResponseMessage response = await Client.GetAsync("/v2/foo/bar/tags/list");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Header("Link"));
        Assert.Equal(
            $$"""{"name":"foo/bar","tags":[{{string.Join(",", Tags.Select(tag => $"\"{tag}\""))}}]}""" + "\n",
            await response.Content.ReadAsStringAsync());
    }

    // The reference registry ignores both parameters.
    [Theory]
    [InlineData("?n=2", 0, 2)]
    [InlineData("?n=2&last=A", 2, 4)]
    [InlineData("?last=b", 6, 9)]
    [InlineData("?n=1&last=aa", 5, 6)]
    [InlineData("?n=100", 0, 9)]
    [InlineData("?n=9", 0, 9)]
    [InlineData("?last=v1.2", 9, 9)]
    [InlineData("?n=0", 0, 0)]
    public async Task Tags_come_in_pages(string query, int first, int end)
    {
        await PushTagsAsync();
        HttpResponseMessage response = await Client.GetAsync($"/v2/foo/bar/tags/list{query}");
        Assert.Equal(Tags[first..end], await NamesAsync(response, "tags"));
    }

    [Fact]
    public async Task The_link_leads_to_the_next_page_until_there_is_none()
    {
        await PushTagsAsync();
        var seen = new List<string>();
        string? path = "/v2/foo/bar/tags/list?n=4";
        while (path is not null)
        {
            HttpResponseMessage response = await Client.GetAsync(path);
            seen.AddRange(await NamesAsync(response, "tags"));
            string? link = response.Header("Link");
            Assert.True(link is null || link.EndsWith(">; rel=\"next\"", StringComparison.Ordinal), link);
            path = link?[1..link.IndexOf('>', StringComparison.Ordinal)];
        }

        Assert.Equal(Tags, seen);
    }

    [Theory]
    [InlineData("/v2/foo/bar/tags/list?n=-1")]
    [InlineData("/v2/foo/bar/tags/list?n=x")]
    [InlineData("/v2/_catalog?n=-1")]
    [InlineData("/v2/_catalog?n=1001")]
    public async Task An_invalid_number_is_PAGINATION_NUMBER_INVALID(string path)
    {
        await PushTagsAsync();
        await (await Client.GetAsync(path)).ExpectErrorAsync(400, "PAGINATION_NUMBER_INVALID");
    }

    [Fact]
    public async Task Tags_of_an_unknown_repository_are_NAME_UNKNOWN()
    {
        HttpResponseMessage response = await Client.GetAsync("/v2/foo/bar/tags/list");
        JsonElement error = (await response.JsonAsync()).GetProperty("errors")[0];
        await response.ExpectErrorAsync(404, "NAME_UNKNOWN");
        Assert.Equal("foo/bar", error.GetProperty("detail").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_repository_without_tags_has_an_empty_list_of_them()
    {
        byte[] manifest = await Client.PushImageAsync();
        await Client.DeleteAsync("/v2/foo/bar/manifests/latest");
        Assert.Equal("{\"name\":\"foo/bar\",\"tags\":[]}\n", await Client.GetStringAsync("/v2/foo/bar/tags/list"));
        Assert.Equal(manifest, await Client.GetByteArrayAsync($"/v2/foo/bar/manifests/{Content.Digest(manifest)}"));
    }

    [Fact]
    public async Task A_tag_whose_push_was_cut_off_is_not_listed()
    {
        await Client.PushImageAsync();
        string hex = new('a', 64);
        await _server.Files.WriteAsync(
            $"repositories/foo/bar/_manifests/tags/ghost/index/sha256/{hex}/link", Content.Of($"sha256:{hex}"));
        Assert.Equal(["latest"], await NamesAsync(await Client.GetAsync("/v2/foo/bar/tags/list"), "tags"));
    }

    [Fact]
    public async Task The_catalog_lists_repositories_in_pages()
    {
        string[] names = ["a", "a-b", "a/b", "a/b/c", "b"];
        foreach (string name in names)
        {
            await Client.PushImageAsync(repository: name);
        }

        await Client.PushBlobAsync([1], "no-manifests");
        Assert.Equal(names, await NamesAsync(await Client.GetAsync("/v2/_catalog"), "repositories"));
        HttpResponseMessage page = await Client.GetAsync("/v2/_catalog?n=2&last=a-b");
        Assert.Equal(["a/b", "a/b/c"], await NamesAsync(page, "repositories"));
        Assert.Equal("</v2/_catalog?last=a%2Fb%2Fc&n=2>; rel=\"next\"", page.Header("Link"));
    }

    [Fact]
    public async Task An_empty_registry_has_an_empty_catalog() =>
        Assert.Equal("{\"repositories\":[]}\n", await Client.GetStringAsync("/v2/_catalog"));

    [Fact]
    public async Task Without_referrers_there_is_an_empty_index()
    {
        HttpResponseMessage response = await Client.GetAsync($"/v2/foo/bar/referrers/{Content.Digest([])}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Content.OciIndex, response.Header("Content-Type"));
        JsonElement index = await response.JsonAsync();
        Assert.Equal(2, index.GetProperty("schemaVersion").GetInt32());
        Assert.Equal(Content.OciIndex, index.GetProperty("mediaType").GetString());
        Assert.Equal(0, index.GetProperty("manifests").GetArrayLength());
    }

    // The reference registry has no such route.
    [Fact]
    public async Task Referrers_are_described_by_type_size_digest_artifact_type_and_annotations()
    {
        byte[] subject = await Client.PushImageAsync();
        string about = $$""","subject":{{Content.Descriptor(subject, Content.OciManifest)}}""";
        byte[] typed = Content.Manifest([], more: about + ""","artifactType":"application/x.sig","annotations":{"k":"v"}""");
        byte[] byConfig = Content.Manifest([], configType: "application/x.config", more: about);
        byte[] index = Content.Index([], more: about);
        foreach (byte[] referrer in new[] { typed, byConfig, index })
        {
            string type = referrer == index ? Content.OciIndex : Content.OciManifest;
            HttpResponseMessage pushed = await Client.PutManifestAsync(Content.Digest(referrer), referrer, type);
            Assert.Equal(Content.Digest(subject), pushed.Header("OCI-Subject"));
        }

        Dictionary<string, JsonElement> listed = await ReferrersAsync(Content.Digest(subject));
        Assert.Equal(3, listed.Count);
        JsonElement first = listed[Content.Digest(typed)];
        Assert.Equal(Content.OciManifest, first.GetProperty("mediaType").GetString());
        Assert.Equal(typed.Length, first.GetProperty("size").GetInt32());
        Assert.Equal("application/x.sig", first.GetProperty("artifactType").GetString());
        Assert.Equal("v", first.GetProperty("annotations").GetProperty("k").GetString());
        Assert.Equal("application/x.config", listed[Content.Digest(byConfig)].GetProperty("artifactType").GetString());
        Assert.False(listed[Content.Digest(index)].TryGetProperty("artifactType", out _));
        Assert.Equal(Content.OciIndex, listed[Content.Digest(index)].GetProperty("mediaType").GetString());
    }

    [Fact]
    public async Task Referrers_are_filtered_by_artifact_type()
    {
        byte[] subject = await Client.PushImageAsync();
        string about = $$""","subject":{{Content.Descriptor(subject, Content.OciManifest)}}""";
        byte[] signature = Content.Manifest([], more: about + ""","artifactType":"application/x.sig" """);
        byte[] inventory = Content.Manifest([], more: about + ""","artifactType":"application/x.sbom+json" """);
        await Client.PutManifestAsync(Content.Digest(signature), signature);
        await Client.PutManifestAsync(Content.Digest(inventory), inventory);
        HttpResponseMessage response =
            await Client.GetAsync($"/v2/foo/bar/referrers/{Content.Digest(subject)}?artifactType=application%2Fx.sbom%2Bjson");
        Assert.Equal("artifactType", response.Header("OCI-Filters-Applied"));
        JsonElement manifests = (await response.JsonAsync()).GetProperty("manifests");
        Assert.Equal(Content.Digest(inventory), Assert.Single(manifests.EnumerateArray()).GetProperty("digest").GetString());
        Assert.Null((await Client.GetAsync($"/v2/foo/bar/referrers/{Content.Digest(subject)}")).Header("OCI-Filters-Applied"));
    }

    [Fact]
    public async Task Referrers_come_and_go()
    {
        byte[] subject = await Client.PushImageAsync();
        string digest = Content.Digest(subject);
        byte[] referrer = Content.Manifest([], more: $$""","subject":{{Content.Descriptor(subject, Content.OciManifest)}}""");
        Assert.Empty(await ReferrersAsync(digest));
        await Client.PutManifestAsync("sig", referrer);
        Assert.Single(await ReferrersAsync(digest));
        await Client.DeleteAsync($"/v2/foo/bar/manifests/{Content.Digest(referrer)}");
        Assert.Empty(await ReferrersAsync(digest));
        await Client.PutManifestAsync("sig", referrer);
        Assert.Single(await ReferrersAsync(digest));
        Assert.Empty(await ReferrersAsync(digest, "other"));
    }

    [Fact]
    public async Task Referrers_that_another_process_pushed_are_listed()
    {
        byte[] subject = await Client.PushImageAsync();
        Assert.Empty(await ReferrersAsync(Content.Digest(subject)));
        await using RegistryServer other = await RegistryServer.StartAsync(root: _server.Root);
        byte[] referrer = Content.Manifest([], more: $$""","subject":{{Content.Descriptor(subject, Content.OciManifest)}}""");
        await other.Client.PutManifestAsync("sig", referrer);
        Assert.Single(await ReferrersAsync(Content.Digest(subject)));
    }

    private async Task PushTagsAsync()
    {
        byte[] manifest = await Client.PushImageAsync(Tags[0]);
        foreach (string tag in Tags[1..])
        {
            await Client.PutManifestAsync(tag, manifest);
        }
    }

    private async Task<Dictionary<string, JsonElement>> ReferrersAsync(string digest, string repository = "foo/bar")
    {
        HttpResponseMessage response = await Client.GetAsync($"/v2/{repository}/referrers/{digest}");
        return (await response.JsonAsync()).GetProperty("manifests").EnumerateArray()
            .ToDictionary(item => item.GetProperty("digest").GetString()!);
    }

    private static async Task<string[]> NamesAsync(HttpResponseMessage response, string member) =>
        [.. (await response.JsonAsync()).GetProperty(member).EnumerateArray().Select(name => name.GetString()!)];
}
