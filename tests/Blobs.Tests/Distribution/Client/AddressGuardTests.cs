using System.Net;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests that a registry on a public address cannot send us into private networks.</summary>
public sealed class AddressGuardTests
{
    private static readonly byte[] Blob = "the blob"u8.ToArray();
    private static readonly string BlobPath = $"/v2/app/blobs/{Digest.OfSha256(Blob)}";

    public static TheoryData<string> Inside =>
    [
        "https://127.0.0.1/x", "https://127.8.9.1:8443/x", "https://localhost/x", "https://a.localhost./x", "https://10.1.2.3/x",
        "https://172.16.0.1/x", "https://192.168.1.1/x", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/x",
        "https://0.0.0.0/x", "https://0x7f.1/x", "https://2130706433/x", "https://[::1]/x", "https://[::]/x", "https://[fe80::1]/x",
        "https://[fd00::1]/x", "https://[::ffff:10.0.0.1]/x", "https://[64:ff9b::a00:1]/x", "https://[2002:7f00:1::]/x",
    ];

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.0", true)]
    [InlineData("2606:4700::1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("fe80::1%2", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("198.19.0.1", false)]
    public void Addresses_are_public_or_not(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddresses.Contains(IPAddress.Parse(address)));

    [Theory]
    [MemberData(nameof(Inside))]
    public async Task A_redirect_inside_is_refused(string location)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {BlobPath}", _ => Status(307, "", ("Location", location)));
        await RefusesAsync(fake, () => fake.Repository().ReadBlobAsync(Describe(Blob)));
    }

    [Fact]
    public async Task A_token_server_inside_is_refused_and_gets_no_password()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false).On("GET /v2/", _ => Refused("Bearer realm=\"https://10.0.0.1/token\""));
        var alice = new Login(new RegistryCredentials { Username = "alice", Password = "s3cret" });
        await RefusesAsync(fake, () => fake.Repository(alice).FindBlobAsync(Digest.OfSha256(Blob)));
    }

    [Fact]
    public async Task An_upload_inside_is_refused()
    {
        FakeRegistry fake = new FakeRegistry().On("POST /v2/app/blobs/uploads/", _ => Status(202, "", ("Location", "https://10.0.0.1/u")));
        await RefusesAsync(fake, () => fake.Repository().PutBlobAsync(
            Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob))));
    }

    [Fact]
    public async Task The_URLs_of_a_blob_may_not_lead_inside()
    {
        FakeRegistry fake = new();
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() =>
            fake.Repository().ReadBlobAsync(Describe(Blob) with { Urls = ["https://10.0.0.1/layer", "https://[::1]/layer"] }));
        Assert.Contains("an address that is not public", error.Message, StringComparison.Ordinal);
        Assert.All(fake.Requests, request => Assert.Equal(Domain, request.RequestUri!.Host));
    }

    [Fact]
    public async Task It_is_allowed_by_option()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"GET {BlobPath}", _ => Status(307, "", ("Location", "https://10.0.0.1/x")))
            .On("GET https://10.0.0.1/x", _ => Bytes(Blob));
        using var client = new RegistryClient(fake.Options() with { AllowPrivate = true });
        Assert.Equal(Blob, await client.Repository(Image).ReadBlobAsync(Describe(Blob)));
    }

    [Theory]
    [InlineData("10.0.0.2:5000")]
    [InlineData("localhost:5000")]
    [InlineData("[fd00::2]:5000")]
    public async Task A_registry_on_a_private_address_may_send_us_to_others(string domain)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"GET https://{domain}/v2/", _ => Text("{}"))
            .On($"GET https://{domain}{BlobPath}", _ => Status(307, "", ("Location", "https://10.0.0.1/x")))
            .On("GET https://10.0.0.1/x", _ => Bytes(Blob));
        using RegistryClient client = fake.Client();
        Assert.Equal(Blob, await client.Repository(ImageReference.Parse($"{domain}/app")).ReadBlobAsync(Describe(Blob)));
    }

    [Theory]
    [InlineData("inside.test")]
    [InlineData("127.0.0.1")]
    public async Task What_counts_is_the_address_that_a_name_leads_to(string host)
    {
        // 127.0.0.2 plays a public address.
        await using var inside = new LoopbackServer(IPAddress.Loopback, _ => (200, "", "secret"));
        await using var outside = new LoopbackServer(IPAddress.Parse("127.0.0.2"), path =>
            path == "/v2/" ? (200, "", "{}") : (307, $"Location: http://{host}:{inside.Port}/secret\r\n", ""));
        using var client = new RegistryClient(Options());
        RegistryRepository repository = client.Repository(ImageReference.Parse($"outside.test:{outside.Port}/app"));
        MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(() => repository.ReadBlobAsync(Describe(Blob)));
        Assert.Contains("an address that is not public", error.Message, StringComparison.Ordinal);
        Assert.Empty(inside.Asked);
    }

    [Fact]
    public async Task A_connection_that_is_open_already_is_no_way_inside()
    {
        await using var inside = new LoopbackServer(IPAddress.Loopback, _ => (200, "", "{}"));
        await using var outside = new LoopbackServer(IPAddress.Parse("127.0.0.2"), path =>
            path == "/v2/" ? (200, "", "{}") : (307, $"Location: http://inside.test:{inside.Port}/secret\r\n", ""));
        using var client = new RegistryClient(Options());

        // The user's own business with the inner registry leaves a connection open.
        await client.Repository(ImageReference.Parse($"inside.test:{inside.Port}/app")).FindBlobAsync(Digest.OfSha256(Blob));
        await Assert.ThrowsAsync<MalformedDataException>(() => client
            .Repository(ImageReference.Parse($"outside.test:{outside.Port}/app")).ReadBlobAsync(Describe(Blob)));
        Assert.DoesNotContain("/secret", inside.Asked);
    }

    [Fact]
    public async Task A_registry_whose_name_leads_inside_may_send_us_to_its_neighbours()
    {
        await using var storage = new LoopbackServer(IPAddress.Loopback, _ => (200, "", "the blob"));
        await using var registry = new LoopbackServer(IPAddress.Loopback, path =>
            path == "/v2/" ? (200, "", "{}") : (307, $"Location: http://inside.test:{storage.Port}/blob\r\n", ""));
        using var client = new RegistryClient(Options());
        Assert.Equal(Blob, await client.Repository(ImageReference.Parse($"inside.test:{registry.Port}/app")).ReadBlobAsync(Describe(Blob)));
    }

    [Fact]
    public async Task Behind_a_proxy_the_name_is_resolved_before_the_proxy_is_asked()
    {
        await using var proxy = new LoopbackServer(IPAddress.Loopback, path => path.EndsWith("/v2/", StringComparison.Ordinal)
            ? (200, "", "{}") : (307, "Location: http://inside.test/secret\r\n", ""));
        using var client = new RegistryClient(Options(new WebProxy(IPAddress.Loopback.ToString(), proxy.Port)));
        await Assert.ThrowsAsync<MalformedDataException>(
            () => client.Repository(ImageReference.Parse("outside.test/app")).ReadBlobAsync(Describe(Blob)));
        Assert.DoesNotContain(proxy.Asked, path => path.Contains("secret", StringComparison.Ordinal));
    }

    private static RegistryClientOptions Options(IWebProxy? proxy = null) => new()
    {
        PlainHttp = true,
        Retries = 0,
        Credentials = new Login(null),
        Guard = new AddressGuard
        {
            IsPublicAddress = address => address.Equals(IPAddress.Parse("127.0.0.2")),
            Resolve = (host, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(host == "outside.test" ? "127.0.0.2" : "127.0.0.1")]),
            Proxy = proxy,
        },
    };

    private static async Task RefusesAsync(FakeRegistry fake, Func<Task> call)
    {
        MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(call);
        Assert.Contains("an address that is not public", error.Message, StringComparison.Ordinal);
        Assert.All(fake.Requests, request => Assert.Equal(Domain, request.RequestUri!.Host));
    }
}
