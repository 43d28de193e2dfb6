using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests pushing and deleting referrers, in registries with and without the referrers API.</summary>
public sealed class RegistryReferrerTests
{
    private static readonly Digest Subject = Digest.OfSha256("the image"u8);
    private static readonly string Tag = $"{Subject}".Replace(':', '-');
    private static readonly Manifest Signature = Referrer("a/signature", "one");
    private static readonly Manifest Sbom = Referrer("a/sbom", "two");

    [Fact]
    public async Task A_registry_with_the_referrers_API_gets_no_fallback_tag()
    {
        FakeRegistry fake = new FakeRegistry().On(
            $"PUT /v2/app/manifests/{Signature.Digest}", _ => Status(201, "", ("OCI-Subject", $"{Subject}")));
        await fake.Repository().PutManifestAsync(Signature);
        Assert.Equal(2, fake.Asked.Count);
    }

    [Fact]
    public async Task A_registry_without_it_gets_an_index_under_the_fallback_tag()
    {
        var old = new OldRegistry();
        RegistryRepository repository = old.Fake.Repository();
        await repository.PutManifestAsync(Signature);
        await repository.PutManifestAsync(Sbom);
        await repository.PutManifestAsync(Sbom);
        ImageIndex index = Assert.IsType<ImageIndex>(old.Read(Tag));
        Assert.Equal(MediaTypes.OciIndex, index.MediaType);
        Assert.Equal([Signature.DescribeReferrer(), Sbom.DescribeReferrer()], index.Manifests, Same);
        Assert.Equal("a/sbom", index.Manifests[1].ArtifactType);
        Assert.Equal("two", index.Manifests[1].Annotations!["name"]);
        Assert.Equal([Sbom.Digest], (await ListAsync(repository.ReferrersAsync(Subject, "a/sbom"))).Select(one => one.Digest));
    }

    [Fact]
    public async Task Referrers_pushed_at_once_are_all_listed()
    {
        var old = new OldRegistry();
        RegistryRepository repository = old.Fake.Repository();
        Manifest[] many = [.. Enumerable.Range(0, 20).Select(number => Referrer("a/b", $"{number}"))];
        await Task.WhenAll(many.Select(one => repository.PutManifestAsync(one)));
        Assert.Equal(many.Length, Assert.IsType<ImageIndex>(old.Read(Tag)).Manifests.Count);
    }

    [Fact]
    public async Task A_referrer_without_an_artifact_type_has_the_type_of_its_config()
    {
        var old = new OldRegistry();
        await old.Fake.Repository().PutManifestAsync(Referrer(null, "one"));
        Assert.Equal(MediaTypes.OciEmpty, Assert.Single(Assert.IsType<ImageIndex>(old.Read(Tag)).Manifests).ArtifactType);
    }

    [Fact]
    public async Task A_fallback_tag_that_is_no_index_is_left_alone()
    {
        var old = new OldRegistry();
        old.Write(Tag, Sbom);
        MalformedDataException error =
            await Assert.ThrowsAsync<MalformedDataException>(() => old.Fake.Repository().PutManifestAsync(Signature));
        Assert.Contains(Tag, error.Message, StringComparison.Ordinal);
        Assert.Equal(Sbom.Digest, old.Read(Tag)!.Digest);
    }

    [Fact]
    public async Task Members_of_the_index_that_we_do_not_know_survive()
    {
        var old = new OldRegistry();
        const string Index = $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","new":[1.0],"manifests":[]}""";
        old.Write(Tag, Manifest.Parse(System.Text.Encoding.UTF8.GetBytes(Index)));
        await old.Fake.Repository().PutManifestAsync(Signature);
        Assert.Contains("\"new\":[1.0]", System.Text.Encoding.UTF8.GetString(old.Read(Tag)!.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_a_referrer_takes_it_off_the_fallback_tag()
    {
        var old = new OldRegistry();
        RegistryRepository repository = old.Fake.Repository();
        await repository.PutManifestAsync(Signature);
        await repository.PutManifestAsync(Sbom);
        Assert.True(await repository.DeleteManifestAsync(Signature.Digest));
        Assert.Null(old.Read($"{Signature.Digest}"));
        Assert.Equal(Sbom.Digest, Assert.Single(Assert.IsType<ImageIndex>(old.Read(Tag)).Manifests).Digest);
        Assert.True(await repository.DeleteManifestAsync(Sbom.Digest));
        Assert.Empty(Assert.IsType<ImageIndex>(old.Read(Tag)).Manifests);
    }

    [Fact]
    public async Task Deleting_a_referrer_leaves_the_fallback_tag_where_the_registry_lists_referrers()
    {
        var old = new OldRegistry();
        await old.Fake.Repository().PutManifestAsync(Signature);
        old.Fake.On($"GET /v2/app/referrers/{Subject}", _ => Bytes(old.Read(Tag)!.Bytes.ToArray(), MediaTypes.OciIndex));
        Assert.True(await old.Fake.Repository().DeleteManifestAsync(Signature.Digest));
        Assert.Single(Assert.IsType<ImageIndex>(old.Read(Tag)).Manifests);
    }

    private static Manifest Referrer(string? type, string name)
    {
        string artifactType = type is null ? "" : $"\"artifactType\":\"{type}\",";
        Descriptor empty = Describe("{}"u8.ToArray());
        return Manifest.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",{{artifactType}}
             "config":{"mediaType":"{{MediaTypes.OciEmpty}}","digest":"{{empty.Digest}}","size":2},"layers":[],
             "subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Subject}}","size":9},"annotations":{"name":"{{name}}"} }
            """));
    }

    private static bool Same(Descriptor one, Descriptor other) =>
        (one.MediaType, one.Digest, one.Size) == (other.MediaType, other.Digest, other.Size);

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
