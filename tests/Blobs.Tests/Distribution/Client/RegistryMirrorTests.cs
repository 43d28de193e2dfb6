using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests what is asked of a mirror, and when it is left.</summary>
public sealed class RegistryMirrorTests
{
    private const string Mirror = "https://mirror.example/v2/cache/app";
    private const string Base = "GET https://mirror.example/v2/";

    private static readonly byte[] Blob = "the blob"u8.ToArray();
    private static readonly Digest BlobDigest = Digest.OfSha256(Blob);
    private static readonly Manifest Manifest = ManifestWriter.Image(MediaTypes.OciManifest, Describe(Blob), []);

    [Fact]
    public async Task A_mirror_is_asked_first_and_the_registry_not_at_all()
    {
        FakeRegistry fake = Registry()
            .On(Base, _ => Text("{}"))
            .On($"GET {Mirror}/manifests/1", _ => Document())
            .On($"GET {Mirror}/blobs/{BlobDigest}", _ => Bytes(Blob));
        RegistryRepository repository = Repository(fake);
        Assert.Equal(Manifest.Digest, (await repository.GetManifestAsync("1")).Digest);
        Assert.Equal(Blob, await ReadAsync(repository));
        Assert.Equal([Base, $"GET {Mirror}/manifests/1", $"GET {Mirror}/blobs/{BlobDigest}"], fake.Asked);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_mirror_that_refuses_is_left_at_once(int status)
    {
        FakeRegistry fake = Registry()
            .On(Base, _ => Text("{}"))
            .On($"GET {Mirror}/manifests/1", _ => Status(status))
            .On($"GET {Mirror}/blobs/{BlobDigest}", _ => Status(status));
        RegistryRepository repository = Repository(fake);
        Assert.Equal(Manifest.Digest, (await repository.GetManifestAsync("1")).Digest);
        Assert.Equal(Blob, await ReadAsync(repository));
        Assert.Single(fake.Asked, line => line == $"GET {Mirror}/manifests/1");
        Assert.Empty(fake.Time.Waits);
    }

    [Fact]
    public async Task A_mirror_that_cannot_be_reached_is_not_asked_again_for_a_minute()
    {
        FakeRegistry fake = Registry().On(Base, _ => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        RegistryRepository repository = Repository(fake);
        await repository.GetManifestAsync("1");
        await repository.GetManifestAsync(Manifest.Digest);
        Assert.Single(fake.Asked, Base);
        fake.Time.Pass(TimeSpan.FromMinutes(1));
        await repository.GetManifestAsync("1");
        Assert.Equal(2, fake.Asked.Count(line => line == Base));
    }

    [Fact]
    public async Task A_mirror_with_wrong_content_is_left()
    {
        FakeRegistry fake = Registry()
            .On(Base, _ => Text("{}"))
            .On($"GET {Mirror}/manifests/{Manifest.Digest}", _ => Text("{}"))
            .On($"GET {Mirror}/blobs/{BlobDigest}", _ => Bytes("the glob"u8.ToArray()));
        RegistryRepository repository = Repository(fake);
        Assert.Equal(Manifest.Digest, (await repository.GetManifestAsync(Manifest.Digest)).Digest);
        Assert.Equal(Blob, await repository.ReadBlobAsync(Describe(Blob)));
    }

    [Fact]
    public async Task After_wrong_bytes_of_a_mirror_the_registry_is_asked()
    {
        FakeRegistry fake = Registry()
            .On(Base, _ => Text("{}"))
            .On($"GET {Mirror}/blobs/{BlobDigest}", _ => Bytes("the glob"u8.ToArray()));
        RegistryRepository repository = Repository(fake);
        await Assert.ThrowsAsync<DigestMismatchException>(() => ReadAsync(repository));
        Assert.True(repository.HasUsedMirrors);
        Assert.Equal(Blob, await ReadAsync(repository));
    }

    [Theory]
    [InlineData(nameof(BrokenBody.End.Reset))]
    [InlineData(nameof(BrokenBody.End.Early))]
    public async Task A_mirror_that_breaks_off_is_followed_by_the_registry_where_it_stopped(string end)
    {
        FakeRegistry fake = Registry()
            .On(Base, _ => Text("{}"))
            .On($"GET {Mirror}/blobs/{BlobDigest}", _ => Stream(new BrokenBody(Blob[..3], Enum.Parse<BrokenBody.End>(end))));
        Assert.Equal(Blob, await ReadAsync(Repository(fake)));
        Assert.Equal("bytes=3-", $"{fake.Requests[^1].Headers.Range}");
        Assert.Equal(Domain, fake.Requests[^1].RequestUri!.Host);
    }

    [Fact]
    public async Task Nothing_is_pushed_to_a_mirror_and_nothing_looked_up_for_a_push()
    {
        FakeRegistry fake = Registry()
            .On($"PUT /v2/app/manifests/1", _ => Status(201))
            .On($"HEAD /v2/app/blobs/{BlobDigest}", _ => Bytes(Blob))
            .On("POST /v2/app/blobs/uploads/", _ => Status(202, "", ("Location", "one")))
            .On("PUT /v2/app/blobs/uploads/one", _ => Status(201))
            .On($"HEAD /v2/app/manifests/1", _ => Status(200, "", ("Docker-Content-Digest", $"{BlobDigest}")))
            .On($"DELETE /v2/app/manifests/1", _ => Status(202));
        RegistryRepository repository = Repository(fake);
        await repository.FindBlobAsync(BlobDigest);
        await repository.PutBlobAsync(Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob)));
        await repository.PutManifestAsync(Manifest, "1");
        await repository.FindManifestAsync("1");
        await repository.DeleteTagAsync("1");
        Assert.DoesNotContain(fake.Asked, line => line.Contains("mirror.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mirror_gets_its_own_credentials_only()
    {
        FakeRegistry fake = Registry()
            .On(Base, _ => Refused("Basic realm=\"m\""))
            .On($"GET {Mirror}/manifests/1", _ => Document());
        var source = new ByDomain(new() { ["mirror.example"] = new RegistryCredentials { Username = "m", Password = "m" } });
        await Repository(fake, source).GetManifestAsync("1");
        Assert.Equal("bTpt", fake.Requests[^1].Headers.Authorization!.Parameter);
        Assert.Equal(["mirror.example"], source.Asked);
    }

    [Theory]
    [InlineData("docker.io=https://mirror.example", "docker.io", "https://mirror.example/")]
    [InlineData("docker.io=mirror.example/hub", "docker.io", "https://mirror.example/hub")]
    [InlineData("a:5000=http://127.0.0.1:1", "a:5000", "http://127.0.0.1:1/")]
    public void A_mirror_is_written_as_HOST_and_URL(string text, string domain, string address)
    {
        RegistryMirror mirror = RegistryMirror.Parse(text);
        Assert.Equal((domain, address), (mirror.Domain, $"{mirror.Address}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("docker.io")]
    [InlineData("=https://x")]
    [InlineData("docker.io=")]
    [InlineData("docker.io=ftp://x")]
    [InlineData("docker.io=https://user@x")]
    [InlineData("docker.io=https://x?a=b")]
    public void What_is_no_mirror_is_refused(string text) =>
        Assert.Throws<MalformedDataException>(() => RegistryMirror.Parse(text));

    private static FakeRegistry Registry() => new FakeRegistry()
        .On("GET /v2/app/manifests/1", _ => Document())
        .On($"GET /v2/app/manifests/{Manifest.Digest}", _ => Document())
        .On($"GET /v2/app/blobs/{BlobDigest}", request => request.Headers.Range is null ? Bytes(Blob) : Rest(request));

    private static HttpResponseMessage Rest(HttpRequestMessage request)
    {
        int from = (int)request.Headers.Range!.Ranges.First().From!;
        HttpResponseMessage response = Bytes(Blob[from..]);
        response.StatusCode = System.Net.HttpStatusCode.PartialContent;
        response.Content.Headers.ContentRange = new(from, Blob.Length - 1, Blob.Length);
        return response;
    }

    private static HttpResponseMessage Document() => Bytes(Manifest.Bytes.ToArray(), MediaTypes.OciManifest);

    private static RegistryRepository Repository(FakeRegistry fake, ICredentialSource? credentials = null) => new RegistryClient(
        fake.Options(credentials) with { Mirrors = [RegistryMirror.Parse($"{Domain}=https://mirror.example/cache")] }).Repository(Image);

    private static async Task<byte[]> ReadAsync(RegistryRepository repository)
    {
        await using Stream stream = await repository.OpenBlobAsync(Describe(Blob));
        using var target = new MemoryStream();
        await stream.CopyToAsync(target);
        return target.ToArray();
    }

    private sealed class ByDomain(Dictionary<string, RegistryCredentials> known) : ICredentialSource
    {
        public List<string> Asked { get; } = [];

        public ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default)
        {
            Asked.Add(domain);
            return ValueTask.FromResult(known.GetValueOrDefault(domain));
        }
    }
}
