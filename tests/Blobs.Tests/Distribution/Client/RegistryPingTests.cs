using Blobs.Distribution.Client;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests how a login is checked before it is stored.</summary>
public sealed class RegistryPingTests
{
    private const string Realm = "https://auth.example/token";

    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "s3cret" };

    [Fact]
    public async Task A_password_that_the_registry_takes_is_right()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", request => request.Headers.Authorization is null ? Refused("Basic realm=\"x\"") : Text("{}"));
        using RegistryClient client = fake.Client(new Login(Alice));
        await client.PingAsync(Domain);
    }

    [Fact]
    public async Task A_password_that_the_registry_refuses_is_wrong()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false).On("GET /v2/", _ => Refused("Basic realm=\"x\""));
        using RegistryClient client = fake.Client(new Login(Alice));
        Assert.Equal(401, (await Assert.ThrowsAsync<RegistryException>(() => client.PingAsync(Domain))).Status);
    }

    [Fact]
    public async Task A_password_that_the_token_server_takes_is_right()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", request => request.Headers.Authorization is null ? Refused($"Bearer realm=\"{Realm}\",service=\"s\"") : Text("{}"))
            .On($"GET {Realm}", _ => Text("""{"token":"t"}"""));
        using RegistryClient client = fake.Client(new Login(Alice));
        await client.PingAsync(Domain);
        Assert.Equal("GET /v2/ Bearer t", fake.Asked[^1]);
        Assert.DoesNotContain("scope=", fake.Asked[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_the_token_server_refuses_is_wrong()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET /v2/", _ => Refused($"Bearer realm=\"{Realm}\",service=\"s\""))
            .On($"GET {Realm}", _ => Status(401));
        using RegistryClient client = fake.Client(new Login(Alice));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => client.PingAsync(Domain));
        Assert.Contains("auth.example", error.Message, StringComparison.Ordinal);
    }
}
