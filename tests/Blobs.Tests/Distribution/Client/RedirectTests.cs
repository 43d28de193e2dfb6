using System.Text;
using System.Text.Json;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests which redirects are followed, and which hosts receive credentials.</summary>
public sealed class RedirectTests
{
    private const string Realm = "https://auth.example/token";
    private const string Challenge = $"Bearer realm=\"{Realm}\",service=\"registry.example\"";
    private const string Uploads = "/v2/app/blobs/uploads/";
    private const string ManifestPath = "/v2/app/manifests/1";

    private static readonly byte[] Blob = "the blob"u8.ToArray();
    private static readonly Digest Empty = Digest.OfSha256([]);
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "s3cret" };
    private static readonly string AliceBasic = "Basic " + Convert.ToBase64String("alice:s3cret"u8);
    private static readonly string HeadBlob = $"HEAD /v2/app/blobs/{Empty}";
    private static readonly ImageManifest Manifest = ManifestWriter.Image(MediaTypes.OciManifest, Describe(Blob), []);

    public static TheoryData<int> All => [301, 302, 303, 307, 308];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_token_server_may_redirect_within_its_host_and_still_gets_the_password(int status)
    {
        FakeRegistry fake = Closed()
            .On($"GET {Realm}", _ => Status(status, "", ("Location", "/other/token?scope=x")))
            .On("GET https://auth.example/other/token", _ => Token("one"))
            .On(HeadBlob, _ => Bytes([]));
        await fake.Repository(new Login(Alice)).FindBlobAsync(Empty);
        Assert.Equal($"GET https://auth.example/other/token?scope=x {AliceBasic}", fake.Asked[2]);
        Assert.Equal($"{HeadBlob} Bearer one", fake.Asked[^1]);
    }

    [Theory]
    [InlineData("https://other.example/token")]
    [InlineData("https://auth.example:8443/token")]
    public async Task Another_host_gets_no_password_of_the_token_server(string location)
    {
        FakeRegistry fake = Closed()
            .On($"GET {Realm}", _ => Status(302, "", ("Location", location)))
            .On($"GET {location}", _ => Token("one"))
            .On(HeadBlob, _ => Bytes([]));
        await fake.Repository(new Login(Alice)).FindBlobAsync(Empty);
        Assert.Equal($"GET {location}", fake.Asked[2]);
    }

    [Fact]
    public async Task A_password_is_never_sent_in_the_clear_after_https()
    {
        FakeRegistry fake = Closed().On($"GET {Realm}", _ => Status(302, "", ("Location", "http://auth.example/token")));
        await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository(new Login(Alice)).FindBlobAsync(Empty));
        Assert.Equal(2, fake.Asked.Count);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_refresh_token_follows_a_redirect_within_its_host(int status)
    {
        FakeRegistry fake = Closed()
            .On($"POST {Realm}", _ => Status(status, "", ("Location", "/other")))
            .On("POST https://auth.example/other", _ => Token("one"))
            .On(HeadBlob, _ => Bytes([]));
        await fake.Repository(new Login(new RegistryCredentials { IdentityToken = "secret" })).FindBlobAsync(Empty);
        Assert.Contains("refresh_token=secret", Encoding.ASCII.GetString(fake.Bodies["POST https://auth.example/other"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_token_is_not_sent_to_another_host()
    {
        FakeRegistry fake = Closed().On($"POST {Realm}", _ => Status(307, "", ("Location", "https://other.example/token")));
        await Assert.ThrowsAsync<MalformedDataException>(
            () => fake.Repository(new Login(new RegistryCredentials { IdentityToken = "secret" })).FindBlobAsync(Empty));
        Assert.DoesNotContain(fake.Asked, line => line.Contains("other.example", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    public async Task The_base_of_the_API_may_redirect(int status)
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Status(status, "", ("Location", "https://mirror.example/v2/")))
            .On("GET https://mirror.example/v2/", _ => Text("{}"))
            .On(HeadBlob, _ => Bytes([]));
        Assert.Equal(0, await fake.Repository().FindBlobAsync(Empty));
        Assert.Equal(["GET /v2/", "GET https://mirror.example/v2/", HeadBlob], fake.Asked);
    }

    [Fact]
    public async Task A_challenge_from_another_host_gets_no_password()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Status(307, "", ("Location", "https://mirror.example/v2/")))
            .On("GET https://mirror.example/v2/", _ => Refused("Basic realm=\"give it to me\""))
            .On(HeadBlob, _ => Bytes([]));
        await fake.Repository(new Login(Alice)).FindBlobAsync(Empty);
        Assert.All(fake.Asked, line => Assert.DoesNotContain("Basic", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_redirects_to_https_is_used_over_https()
    {
        // Credentials are not sent over plain HTTP.
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", request => request.RequestUri!.Scheme == "http"
                ? Status(301, "", ("Location", "https://registry.example/v2/"))
                : Refused(Challenge))
            .On($"GET {Realm}", _ => Token("one"))
            .On(HeadBlob, _ => Bytes([]));
        using var client = new RegistryClient(fake.Options(new Login(Alice)) with { PlainHttp = true });
        await client.Repository(Image).FindBlobAsync(Empty);
        Assert.Equal("https", fake.Requests[^1].RequestUri!.Scheme);
        Assert.Equal($"{HeadBlob} Bearer one", fake.Asked[^1]);
    }

    [Fact]
    public async Task A_401_without_a_challenge_means_to_continue_without_a_login()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Status(401))
            .On(HeadBlob, _ => Bytes([]));
        Assert.Equal(0, await fake.Repository(new Login(Alice)).FindBlobAsync(Empty));
        Assert.Equal(["GET /v2/", HeadBlob], fake.Asked);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task An_upload_follows_redirects(int status)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(status, "", ("Location", "https://upload.example/begin")))
            .On("POST https://upload.example/begin", _ => Status(202, "", ("Location", "one")))
            .On("PATCH https://upload.example/one", _ => Status(status, "", ("Location", "/two")))
            .On("PATCH https://upload.example/two", _ => Status(202, "", ("Location", "three")))
            .On("PUT https://upload.example/three", _ => Status(status, "", ("Location", "/four?digest=x")))
            .On("PUT https://upload.example/four", _ => Status(201));
        int count = 0;
        Descriptor blob = await fake.Repository().PutBlobAsync((target, token) =>
        {
            count++;
            return target.WriteAsync(Blob, token).AsTask();
        });
        Assert.Equal(Describe(Blob), blob);
        Assert.Equal(2, count);
        Assert.Equal(Blob, fake.Bodies["PATCH https://upload.example/two"]);
        Assert.Equal("PUT https://upload.example/four?digest=x", fake.Asked[^1]);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_blob_and_a_manifest_are_sent_again_after_a_redirect(int status)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "one")))
            .On($"PUT {Uploads}one", _ => Status(status, "", ("Location", "https://upload.example/two")))
            .On("PUT https://upload.example/two", _ => Status(201))
            .On($"PUT {ManifestPath}", _ => Status(status, "", ("Location", "/three")))
            .On("PUT /three", _ => Status(201));
        RegistryRepository repository = fake.Repository();
        await repository.PutBlobAsync(Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob)));
        await repository.PutManifestAsync(Manifest, "1");
        Assert.Equal(Blob, fake.Bodies["PUT https://upload.example/two"]);
        Assert.Equal(Manifest.Bytes.ToArray(), fake.Bodies["PUT /three"]);
    }

    [Fact]
    public async Task An_upload_redirected_to_another_host_does_not_send_the_token()
    {
        FakeRegistry fake = Closed()
            .On($"GET {Realm}", _ => Token("one"))
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "one")))
            .On($"PUT {Uploads}one", _ => Status(307, "", ("Location", "https://upload.example/two")))
            .On("PUT https://upload.example/two", _ => Status(201));
        await fake.Repository().PutBlobAsync(Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob)));
        Assert.Equal("PUT https://upload.example/two", fake.Asked[^1]);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    public async Task A_PUT_does_not_follow_a_redirect_that_would_make_it_a_GET(int status)
    {
        FakeRegistry fake = new FakeRegistry().On($"PUT {ManifestPath}", _ => Status(status, "", ("Location", "/three")));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().PutManifestAsync(Manifest, "1"));
        Assert.Equal(status, error.Status);
    }

    [Fact]
    public async Task A_redirect_loop_is_an_error()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "one")))
            .On($"PUT {Uploads}one", _ => Status(307, "", ("Location", "two")))
            .On($"PUT {Uploads}two", _ => Status(307, "", ("Location", "one")))
            .On($"PUT {ManifestPath}", _ => Status(308, "", ("Location", ManifestPath)));
        RegistryRepository repository = fake.Repository();
        await Assert.ThrowsAsync<MalformedDataException>(
            () => repository.PutBlobAsync(Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob))));
        await Assert.ThrowsAsync<MalformedDataException>(() => repository.PutManifestAsync(Manifest, "1"));
        Assert.True(fake.Asked.Count < 20);
        await Assert.ThrowsAsync<MalformedDataException>(() => new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Status(302, "", ("Location", "/v2/"))).Repository().FindBlobAsync(Empty));
        await Assert.ThrowsAsync<MalformedDataException>(() => Closed()
            .On($"GET {Realm}", _ => Status(302, "", ("Location", Realm))).Repository().FindBlobAsync(Empty));
    }

    private static FakeRegistry Closed() => new FakeRegistry(isOpen: false).On("GET /v2/", _ => Refused(Challenge));

    private static HttpResponseMessage Token(string token) => Text(JsonSerializer.Serialize(new { token }));
}
