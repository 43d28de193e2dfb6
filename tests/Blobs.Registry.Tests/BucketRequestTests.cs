using System.Net;
using Amazon.Runtime;
using Blobs.Registry.Tests.Testing;
using Blobs.Storage.S3;
using Blobs.Testing;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry.Tests;

/// <summary>The requests that a registry makes to its bucket, one by one: they are most of what it costs.</summary>
public sealed class BucketRequestTests : IAsyncLifetime
{
    private const string Links = "repositories/foo/bar";

    private readonly List<string> _requests = [];
    private string _root = "";
    private NetworkFault? _fault;
    private RoundRobin? _network;

    public async ValueTask InitializeAsync()
    {
        Radosgw.Need();
        _network = new RoundRobin([new Uri(Radosgw.Endpoint)], Note);
        await _network.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a b+c/ü~'(1)=&")]
    public async Task A_manifest_takes_a_request_for_each_link_and_one_for_its_bytes(string folder)
    {
        await using RegistryServer server = await StartAsync(folder);
        byte[] manifest = await server.Client.PushImageAsync();
        string digest = Content.Digest(manifest);
        string revision = $"GET {Links}/_manifests/revisions/sha256/{Hex(manifest)}/link";
        string tag = $"GET {Links}/_manifests/tags/latest/current/link";
        await GetAsync(server, "manifests/latest", [tag, revision, $"GET {Data(manifest)}"]);
        await GetAsync(server, "manifests/latest", [tag, revision, $"HEAD {Data(manifest)}"]);
        await GetAsync(server, $"manifests/{digest}", [revision, $"HEAD {Data(manifest)}"]);
    }

    [Fact]
    public async Task A_blob_takes_a_request_for_its_link_and_one_for_its_bytes()
    {
        await using RegistryServer server = await StartAsync();
        byte[] content = Content.Random(100_000);
        string digest = await server.Client.PushBlobAsync(content);
        string link = $"GET {Links}/_layers/sha256/{Hex(content)}/link";
        await GetAsync(server, $"blobs/{digest}", [link, $"GET {Data(content)}"]);
        await AskAsync(server, "HEAD", $"/v2/foo/bar/blobs/{digest}", HttpStatusCode.OK, [link, $"HEAD {Data(content)}"]);
    }

    // Two of the five are the looks at garbage collection, before and after the link is written.
    [Fact]
    public async Task A_mount_takes_five_requests()
    {
        await using RegistryServer server = await StartAsync();
        byte[] content = Content.Random(1000);
        string digest = await server.Client.PushBlobAsync(content);
        await AskAsync(server, "POST", $"/v2/other/blobs/uploads/?mount={digest}&from=foo/bar", HttpStatusCode.Created,
        [
            $"GET {Links}/_layers/sha256/{Hex(content)}/link",
            "GET gc/current",
            $"HEAD {Data(content)}",
            $"PUT repositories/other/_layers/sha256/{Hex(content)}/link",
            "GET gc/current",
        ]);
    }

    // An answer without the code NoSuchKey does not mean that an object does not exist.
    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(404)]
    [InlineData(null)]
    public async Task What_one_request_does_not_find_out_the_SDK_is_asked_for(int? status)
    {
        await using RegistryServer server = await StartAsync();
        byte[] manifest = await server.Client.PushImageAsync();
        foreach (string method in (string[])["GET", "HEAD"])
        {
            foreach (string path in (string[])["manifests/latest", $"blobs/{Content.Digest(Content.Config)}"])
            {
                _fault = status is null ? new NetworkFault(CutAt: -1) : new NetworkFault(Status: status);
                HttpResponseMessage answer = await server.Client.CallAsync(method, $"/v2/foo/bar/{path}");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.Null(_fault);
            }
        }

        Assert.Equal(manifest, await server.Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
    }

    // The bucket may be elsewhere, or the credentials new. The SDK is asked at once from then on, which finds the same.
    [Theory]
    [InlineData(301)]
    [InlineData(403)]
    public async Task A_refusal_leaves_reads_to_the_SDK_for_a_while(int status)
    {
        await using RegistryServer server = await StartAsync();
        byte[] content = Content.Random(1000);
        string digest = await server.Client.PushBlobAsync(content);
        string link = $"GET {Links}/_layers/sha256/{Hex(content)}/link";
        _fault = new NetworkFault(Status: status);
        await GetAsync(server, $"blobs/{digest}", [link, link, $"GET {Data(content)}"]);
        await GetAsync(server, $"blobs/{digest}", [link, $"GET {Data(content)}"]);
        Assert.Equal(content, await server.Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{digest}"));
    }

    [Fact]
    public async Task The_time_is_asked_for_when_no_answer_has_told_it_lately()
    {
        var clock = new ShiftedTime();
        using var storage = new S3Storage(Options("time") with { Clock = clock });
        await storage.PrepareAsync(mayWrite: true);
        _requests.Clear();
        DateTimeOffset first = await storage.TimeAsync();
        Assert.Empty(_requests);

        // As if the host had slept.
        clock.Shift = TimeSpan.FromMinutes(1);
        Assert.InRange(await storage.TimeAsync(), first.AddSeconds(-1), first.AddSeconds(50));
        Assert.Single(_requests);
    }

    private static string Hex(byte[] content) => Content.Digest(content)["sha256:".Length..];

    private static string Data(byte[] content) => $"blobs/sha256/{Hex(content)[..2]}/{Hex(content)}/data";

    private S3StorageOptions Options(string folder)
    {
        string prefix = $"{Radosgw.NewPrefix()}/{folder}";
        _root = $"/{Radosgw.Bucket}/{prefix}/docker/registry/v2/";
        return new S3StorageOptions
        {
            Bucket = Radosgw.Bucket,
            Prefix = prefix,
            Endpoint = _network!.Address,
            Credentials = new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
        };
    }

    private Task<RegistryServer> StartAsync(string folder = "plain")
    {
        S3StorageOptions bucket = Options(folder);
        return RegistryServer.StartAsync(options => options.UseS3(bucket), hosts: 1);
    }

    private Task GetAsync(RegistryServer server, string path, string[] expected) =>
        AskAsync(server, "GET", $"/v2/foo/bar/{path}", HttpStatusCode.OK, expected);

    private async Task AskAsync(RegistryServer server, string method, string path, HttpStatusCode status, string[] expected)
    {
        lock (_requests)
        {
            _requests.Clear();
        }

        using HttpResponseMessage answer = await server.Client.CallAsync(method, path);
        Assert.Equal(status, answer.StatusCode);
        lock (_requests)
        {
            Assert.Equal(expected, _requests);
        }
    }

    private NetworkFault? Note(HttpRequest request)
    {
        lock (_requests)
        {
            string path = request.Path.Value!;
            _requests.Add($"{request.Method} {(path.StartsWith(_root, StringComparison.Ordinal) ? path[_root.Length..] : path)}");
            bool isRead = request.Method is "GET" or "HEAD" && path.StartsWith(_root, StringComparison.Ordinal);
            NetworkFault? fault = isRead ? _fault : null;
            _fault = isRead ? null : _fault;
            return fault;
        }
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
