using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests what each answer to a DELETE means.</summary>
public sealed class RegistryDeleteTests
{
    private const string TagPath = "/v2/app/manifests/1";
    private const string Unsupported = """{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}""";

    private static readonly byte[] Blob = "the blob"u8.ToArray();
    private static readonly string BlobPath = $"/v2/app/blobs/{Digest.OfSha256(Blob)}";
    private static readonly Manifest Image = ManifestWriter.Image(MediaTypes.OciManifest, Describe(Blob), []);

    [Theory]
    [InlineData(202)]
    [InlineData(200)]
    [InlineData(204)]
    public async Task A_tag_is_deleted_by_its_name_alone(int status)
    {
        FakeRegistry fake = WithTag().On($"DELETE {TagPath}", _ => Status(status));
        Assert.True(await fake.Repository().DeleteTagAsync("1"));
        Assert.Equal([$"DELETE {TagPath}"], Deletes(fake));
    }

    [Fact]
    public async Task A_missing_tag_manifest_or_blob_is_not_deleted()
    {
        FakeRegistry fake = new();
        RegistryRepository repository = fake.Repository();
        Assert.False(await repository.DeleteTagAsync("1"));
        Assert.False(await repository.DeleteManifestAsync(Image.Digest));
        Assert.False(await repository.DeleteBlobAsync(Digest.OfSha256(Blob)));
        Assert.Empty(Deletes(fake));
    }

    [Theory]
    [InlineData(400, "")]
    [InlineData(405, "")]
    [InlineData(405, Unsupported)]
    [InlineData(404, Unsupported)]
    [InlineData(403, Unsupported)]
    [InlineData(501, "")]
    public async Task A_registry_that_cannot_delete_tags_says_so_and_keeps_the_manifest(int status, string body)
    {
        FakeRegistry fake = WithTag().On($"DELETE {TagPath}", _ => Status(status, body));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().DeleteTagAsync("1"));
        Assert.Equal(status, error.Status);
        Assert.EndsWith("the registry does not delete tags, nothing was deleted", error.Message, StringComparison.Ordinal);
        Assert.Equal([$"DELETE {TagPath}"], Deletes(fake));
    }

    [Fact]
    public async Task A_404_while_the_tag_is_still_there_means_that_tags_cannot_be_deleted()
    {
        FakeRegistry fake = WithTag().On($"DELETE {TagPath}", _ => Status(404, "404 page not found"));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().DeleteTagAsync("1"));
        Assert.EndsWith("404 not found; it is still there: the registry does not delete tags", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_404_after_a_lost_answer_means_that_it_is_deleted()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"HEAD {TagPath}", _ => Status(200), _ => Status(404))
            .On($"DELETE {TagPath}", _ => throw new IOException("reset"), _ => Status(404));
        Assert.True(await fake.Repository().DeleteTagAsync("1"));
        Assert.Equal(2, Deletes(fake).Count());
    }

    [Theory]
    [InlineData(401, "401 unauthorized (no credentials for registry.example are known)")]
    [InlineData(403, "403 forbidden")]
    [InlineData(409, "409 conflict")]
    [InlineData(302, "302")]
    public async Task A_refusal_is_reported_as_it_is(int status, string message)
    {
        FakeRegistry fake = WithTag().On($"DELETE {TagPath}", _ => Status(
            status, "", ("WWW-Authenticate", "Basic realm=\"x\""), ("Location", "/elsewhere")));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().DeleteTagAsync("1"));
        Assert.Equal(status, error.Status);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.All(Deletes(fake), line => Assert.Equal($"DELETE {TagPath}", line));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_busy_registry_is_asked_again(int status)
    {
        FakeRegistry fake = WithTag().On($"DELETE {TagPath}", _ => Status(status, "", ("Retry-After", "3")), _ => Status(202));
        Assert.True(await fake.Repository().DeleteTagAsync("1"));
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(fake.Time.Waits));
        FakeRegistry always = WithTag().On($"DELETE {TagPath}", _ => Status(status));
        Assert.Equal(status, (await Assert.ThrowsAsync<RegistryException>(() => always.Repository().DeleteTagAsync("1"))).Status);
        Assert.Equal(4, Deletes(always).Count());
    }

    [Fact]
    public async Task An_unreadable_manifest_can_be_deleted()
    {
        string path = $"/v2/app/manifests/{Image.Digest}";
        FakeRegistry fake = new FakeRegistry()
            .On($"GET {path}", _ => Text("<html>"))
            .On($"HEAD {path}", _ => Status(200))
            .On($"DELETE {path}", _ => Status(202));
        Assert.True(await fake.Repository().DeleteManifestAsync(Image.Digest));
    }

    [Theory]
    [InlineData(405, "the registry does not delete blobs, nothing was deleted")]
    [InlineData(404, "it is still there: the registry does not delete blobs")]
    public async Task A_blob_that_cannot_be_deleted_is_an_error(int status, string message)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"HEAD {BlobPath}", _ => Bytes(Blob))
            .On($"DELETE {BlobPath}", _ => Status(status));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(
            () => fake.Repository().DeleteBlobAsync(Digest.OfSha256(Blob)));
        Assert.EndsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_is_deleted()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"HEAD {BlobPath}", _ => Bytes(Blob))
            .On($"DELETE {BlobPath}", _ => Status(202));
        Assert.True(await fake.Repository().DeleteBlobAsync(Digest.OfSha256(Blob)));
    }

    [Fact]
    public async Task A_token_for_deletes_is_asked_for_everything()
    {
        const string Realm = "https://auth.example/token";
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Refused($"Bearer realm=\"{Realm}\",service=\"s\""))
            .On($"GET {Realm}", _ => Text("""{"token":"t"}"""))
            .On($"HEAD {TagPath}", _ => Status(200))
            .On($"DELETE {TagPath}", _ => Status(202));
        await fake.Repository().DeleteTagAsync("1");
        Assert.Contains(fake.Asked, line => line.Contains("scope=repository%3Aapp%3A%2A", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_a_tag_can_be_deleted_as_a_tag() => await Assert.ThrowsAsync<ArgumentException>(
        () => new FakeRegistry().Repository().DeleteTagAsync($"{Image.Digest}"));

    private static FakeRegistry WithTag() => new FakeRegistry().On($"HEAD {TagPath}", _ => Status(200));

    private static IEnumerable<string> Deletes(FakeRegistry fake) =>
        fake.Asked.Where(line => line.StartsWith("DELETE", StringComparison.Ordinal));
}
