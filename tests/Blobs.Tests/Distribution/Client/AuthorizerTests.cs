using System.Text;
using System.Text.Json;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

public sealed class AuthorizerTests
{
    private const string Realm = "https://auth.example/token";
    private const string BearerChallenge = $"Bearer realm=\"{Realm}\",service=\"registry.example\"";
    private const string BlobPath = "/v2/app/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly Digest Empty = Digest.OfSha256([]);
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "s3cret" };
    private static readonly string AliceBasic = "Basic " + Convert.ToBase64String("alice:s3cret"u8);

    [Fact]
    public async Task Credentials_are_not_looked_up_when_no_login_is_required()
    {
        var login = new Login(Alice);
        FakeRegistry fake = new FakeRegistry().On($"HEAD {BlobPath}", _ => Bytes([]));
        Assert.Equal(0, await fake.Repository(login).FindBlobAsync(Empty));
        Assert.Equal(["GET /v2/", $"HEAD {BlobPath}"], fake.Asked);
        Assert.Equal(0, login.Count);
    }

    [Fact]
    public async Task A_token_is_fetched_for_what_the_request_needs_and_kept()
    {
        FakeRegistry fake = WithTokens("one").On($"HEAD {BlobPath}", _ => Bytes([]));
        RegistryRepository repository = fake.Repository(new Login(Alice));
        await repository.FindBlobAsync(Empty);
        await repository.FindBlobAsync(Empty);
        Assert.Equal(
            [
                "GET /v2/",
                $"GET {Realm}?account=alice&scope=repository%3Aapp%3Apull&service=registry.example {AliceBasic}",
                $"HEAD {BlobPath} Bearer one",
                $"HEAD {BlobPath} Bearer one",
            ],
            fake.Asked);
    }

    [Fact]
    public async Task Without_credentials_an_anonymous_token_is_requested()
    {
        FakeRegistry fake = WithTokens("one").On($"HEAD {BlobPath}", _ => Bytes([]));
        await fake.Repository().FindBlobAsync(Empty);
        Assert.Equal($"GET {Realm}?scope=repository%3Aapp%3Apull&service=registry.example", fake.Asked[1]);
    }

    [Theory]
    [InlineData(BearerChallenge)]
    [InlineData("Basic realm=\"here\"")]
    public async Task Public_content_can_be_pulled_when_looking_up_credentials_fails(string challenge)
    {
        var told = new List<string>();
        FakeRegistry fake = WithTokens("one", "two")
            .On("GET /v2/", _ => Refused(challenge))
            .On($"HEAD {BlobPath}", _ => Bytes([]))
            .On("HEAD /v2/secret/blobs/" + Empty, _ => Refused(challenge));
        using var client = new RegistryClient(fake.Options(new BrokenLogin()) with { Warn = told.Add });
        Assert.Equal(0, await client.Repository(FakeRegistry.Image).FindBlobAsync(Empty));
        Assert.Equal(0, await client.Repository(FakeRegistry.Image).FindBlobAsync(Empty));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(
            () => client.Repository(ImageReference.Parse($"{FakeRegistry.Domain}/secret")).FindBlobAsync(Empty));
        Assert.Contains("(docker-credential-x: the credential helper is broken)", error.Message, StringComparison.Ordinal);
        Assert.Equal(["continuing without credentials for registry.example: docker-credential-x: the credential helper is broken"], told);
    }

    [Fact]
    public async Task A_token_that_is_about_to_expire_is_replaced_in_time()
    {
        FakeRegistry fake = WithTokens("one", "two").On($"HEAD {BlobPath}", _ => Bytes([]));
        RegistryRepository repository = fake.Repository();
        await repository.FindBlobAsync(Empty);
        fake.Time.Pass(TimeSpan.FromSeconds(291));
        await repository.FindBlobAsync(Empty);
        Assert.Equal($"HEAD {BlobPath} Bearer two", fake.Asked[^1]);
    }

    [Fact]
    public async Task A_token_that_was_refused_is_renewed_once()
    {
        FakeRegistry fake = WithTokens("stale", "fresh")
            .On($"HEAD {BlobPath}", _ => Refused(BearerChallenge), _ => Bytes([]));
        await fake.Repository().FindBlobAsync(Empty);
        Assert.Equal(["Bearer stale", "Bearer fresh"], fake.Asked.Where(line => line.StartsWith("HEAD", StringComparison.Ordinal)).Select(line => line[^(line.Length - line.IndexOf("Bearer", StringComparison.Ordinal))..]));
    }

    [Fact]
    public async Task A_registry_that_always_answers_401_is_asked_twice()
    {
        FakeRegistry fake = WithTokens("one", "two", "three")
            .On($"HEAD {BlobPath}", _ => Refused(BearerChallenge));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().FindBlobAsync(Empty));
        Assert.Equal(401, error.Status);
        Assert.Equal(2, fake.Asked.Count(line => line.StartsWith("HEAD", StringComparison.Ordinal)));
        Assert.Contains("no credentials for registry.example are known", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_sent_after_a_Basic_challenge()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Refused("Basic realm=\"here\""))
            .On($"HEAD {BlobPath}", _ => Bytes([]));
        await fake.Repository(new Login(Alice)).FindBlobAsync(Empty);
        Assert.Equal(["GET /v2/", $"HEAD {BlobPath} {AliceBasic}"], fake.Asked);
    }

    [Fact]
    public async Task A_wrong_password_is_not_sent_twice()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Refused("Basic realm=\"here\""))
            .On($"HEAD {BlobPath}", _ => Refused("Basic realm=\"here\""));
        await Assert.ThrowsAsync<RegistryException>(() => fake.Repository(new Login(Alice)).FindBlobAsync(Empty));
        Assert.Equal(2, fake.Asked.Count);
    }

    [Theory]
    [InlineData("Basic realm=\"here\"")]
    [InlineData(BearerChallenge)]
    public async Task A_registry_may_allow_anonymous_pulls_and_require_a_login_to_push(string challenge)
    {
        FakeRegistry fake = WithTokens("one")
            .On("GET /v2/", _ => Text("{}"))
            .On(
                "POST /v2/app/blobs/uploads/",
                request => request.Headers.Authorization is null ? Refused(challenge) : Status(201, "", ("Location", "/x")));
        Assert.True(await fake.Repository(new Login(Alice)).MountBlobAsync(Empty, "other"));
    }

    [Fact]
    public async Task A_mount_asks_for_both_repositories()
    {
        FakeRegistry fake = WithTokens("one")
            .On("POST /v2/app/blobs/uploads/", _ => Status(201, "", ("Location", "/x")));
        await fake.Repository().MountBlobAsync(Empty, "other");
        Assert.Contains("scope=repository%3Aapp%3Apull%2Cpush&scope=repository%3Aother%3Apull", fake.Asked[1], StringComparison.Ordinal);
        Assert.EndsWith($"?mount=sha256%3A{Empty.Hex}&from=other Bearer one", fake.Asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_for_a_token()
    {
        FakeRegistry fake = WithTokens("unused")
            .On($"POST {Realm}", _ => Text("""{"access_token":"traded"}"""))
            .On($"HEAD {BlobPath}", _ => Bytes([]));
        await fake.Repository(new Login(new RegistryCredentials { IdentityToken = "secret" })).FindBlobAsync(Empty);
        Assert.Equal($"HEAD {BlobPath} Bearer traded", fake.Asked[^1]);
        Assert.Equal(
            "grant_type=refresh_token&client_id=blobs&service=registry.example&scope=repository%3Aapp%3Apull&refresh_token=secret",
            Encoding.ASCII.GetString(fake.Bodies[$"POST {Realm}"]));
    }

    [Fact]
    public async Task A_token_server_without_https_gets_no_password()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false).On("GET /v2/", _ => Refused("Bearer realm=\"http://auth.example/token\""));
        await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository(new Login(Alice)).FindBlobAsync(Empty));
        Assert.Equal(["GET /v2/"], fake.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":"a\r\nX: b"}""")]
    [InlineData("<html>not a token</html>")]
    [InlineData("[1]")]
    public async Task An_answer_without_a_usable_token_is_an_error(string answer)
    {
        FakeRegistry fake = WithTokens("").On($"GET {Realm}", _ => Text(answer));
        MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository().FindBlobAsync(Empty));
        Assert.Equal(Fault.RegistryAnswer, error.Fault);
        Assert.DoesNotContain("scope", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_credentials_are_not_shown()
    {
        FakeRegistry fake = WithTokens("").On($"GET {Realm}", _ => Status(401, """{"errors":[{"code":"UNAUTHORIZED"}]}"""));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository(new Login(Alice)).FindBlobAsync(Empty));
        Assert.Equal(["UNAUTHORIZED"], error.Codes);
        Assert.DoesNotContain("alice", $"{error}", StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", $"{Alice}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storage_server_behind_a_redirect_does_not_get_the_token()
    {
        FakeRegistry fake = WithTokens("one")
            .On($"GET {BlobPath}", _ => Status(307, "", ("Location", "https://storage.example/blob?signature=x")))
            .On("GET https://storage.example/blob", _ => Bytes([]));
        await using Stream blob = await fake.Repository().OpenBlobAsync(Describe([]));
        Assert.Equal("GET https://storage.example/blob?signature=x", fake.Asked[^1]);
    }

    [Fact]
    public async Task A_storage_server_that_answers_401_does_not_get_the_token()
    {
        FakeRegistry fake = WithTokens("one")
            .On($"GET {BlobPath}", _ => Status(307, "", ("Location", "https://storage.example/blob?signature=secret")))
            .On("GET https://storage.example/blob", _ => Refused("Basic realm=\"give it to me\""));
        RegistryException error =
            await Assert.ThrowsAsync<RegistryException>(() => fake.Repository(new Login(Alice)).OpenBlobAsync(Describe([])));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.All(fake.Asked.Where(line => line.Contains("storage", StringComparison.Ordinal)), line => Assert.DoesNotContain("Bas", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_host_still_sees_the_token_after_a_redirect()
    {
        FakeRegistry fake = WithTokens("one")
            .On($"GET {BlobPath}", _ => Status(302, "", ("Location", "/elsewhere")))
            .On("GET /elsewhere", _ => Bytes([]));
        await using Stream blob = await fake.Repository().OpenBlobAsync(Describe([]));
        Assert.Equal("GET /elsewhere Bearer one", fake.Asked[^1]);
    }

    [Theory]
    [InlineData("http://registry.example/plain")]
    [InlineData("file:///etc/passwd")]
    [InlineData(BlobPath)]
    public async Task A_redirect_to_an_unusable_address_is_refused(string location)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {BlobPath}", _ => Status(302, "", ("Location", location)));
        await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository().OpenBlobAsync(Describe([])));
        Assert.True(fake.Asked.Count <= 7);
    }

    private sealed class BrokenLogin : ICredentialSource
    {
        public ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default) =>
            throw new RegistryException(null, [], "docker-credential-x: the credential helper is broken");
    }

    private static FakeRegistry WithTokens(params string[] tokens) => new FakeRegistry(isOpen: false)
        .On("GET /v2/", _ => Refused(BearerChallenge))
        .On(
            $"GET {Realm}",
            [.. tokens.Select(token => (Func<HttpRequestMessage, HttpResponseMessage>)(_ =>
                Text(JsonSerializer.Serialize(new { token, expires_in = 300 }))))]);
}
