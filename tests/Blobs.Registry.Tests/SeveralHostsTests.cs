using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>Several hosts on one storage: what one of them begins, any other goes on with.</summary>
public sealed class SeveralHostsTests : IDisposable
{
    private static readonly byte[] Layer = Content.Random(300_000);
    private static readonly string Digest = Content.Digest(Layer);

    private readonly string _folder = Directory.CreateTempSubdirectory("blobs-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [OnDirectory]
    public async Task Every_request_of_an_upload_may_reach_another_host_and_nothing_is_read_again()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(hosts: 3);
        string location = await server.Client.BeginAsync();
        for (int i = 0; i < 5; i++)
        {
            HttpResponseMessage response = await server.Client.CallAsync("PATCH", location, Layer[(i * 60_000)..((i + 1) * 60_000)]);
            Assert.Equal($"0-{((i + 1) * 60_000) - 1}", response.Header("Range"));
            Assert.Equal($"{(i + 1) * 60_000}", Path.GetFileName(Assert.Single(HashStates(server, location))));
        }

        // Whoever hashed the bytes again would see these.
        string data = Path.Combine(UploadFolder(server, location), "data");
        await using (FileStream file = File.OpenWrite(data))
        {
            file.Write(new byte[1000]);
        }

        Assert.Equal(HttpStatusCode.Created, (await server.Client.CallAsync("PUT", $"{location}?digest={Digest}")).StatusCode);
    }

    [Fact]
    [OnDirectory]
    public async Task What_a_host_that_died_had_not_hashed_is_hashed_by_the_next_one()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(hosts: 3);
        string location = await server.Client.BeginAsync();
        await server.Client.CallAsync("PATCH", location, Layer[..100_000]);
        await using (FileStream file = new(Path.Combine(UploadFolder(server, location), "data"), FileMode.Append))
        {
            file.Write(Layer.AsSpan(100_000, 50_000));
        }

        Assert.Equal("0-149999", (await server.Client.GetAsync(location)).Header("Range"));
        HttpResponseMessage put = await server.Client.CallAsync("PUT", $"{location}?digest={Digest}", Layer[150_000..]);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(Layer, await server.Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Digest}"));
    }

    [Fact]
    public async Task Of_two_hosts_that_get_the_same_range_at_once_one_takes_it()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(hosts: 2);
        for (int round = 0; round < 10; round++)
        {
            string location = await server.Client.BeginAsync();
            HttpResponseMessage[] sent = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => UntilNotBusyAsync(() =>
                server.Client.CallAsync("PATCH", location, Layer, ("Content-Range", $"0-{Layer.Length - 1}")))));
            Assert.Equal(
                [HttpStatusCode.Accepted, HttpStatusCode.RequestedRangeNotSatisfiable],
                sent.Select(response => response.StatusCode).Order());
            HttpResponseMessage[] puts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => UntilNotBusyAsync(() =>
                server.Client.CallAsync("PUT", $"{location}?digest={Digest}"))));
            Assert.All(puts, put => Assert.Equal(HttpStatusCode.Created, put.StatusCode));
        }

        Assert.Equal(Layer, await server.Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Digest}"));
    }

    [Fact]
    public async Task A_commit_that_is_sent_again_is_answered_again()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(hosts: 2);
        string location = await server.Client.BeginAsync();
        for (int i = 0; i < 2; i++)
        {
            HttpResponseMessage put = await server.Client.CallAsync("PUT", $"{location}?digest={Digest}", Layer);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            Assert.Equal(Digest, put.Header("Docker-Content-Digest"));
        }

        string unknown = Content.Digest([1]);
        await (await server.Client.CallAsync("PUT", $"{location}?digest={unknown}", [1])).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task A_token_of_one_host_is_good_at_another_with_the_same_key()
    {
        string key = Path.Combine(_folder, "key");
        await File.WriteAllTextAsync(key, new string('k', 32));
        await using RegistryServer one = await StartWithLoginsAsync(key, RegistryHosts.Many);

        // An editor's newline makes no difference.
        await File.AppendAllTextAsync(key, "\n");
        await using RegistryServer another = await StartWithLoginsAsync(key, RegistryHosts.Many);
        await using RegistryServer alone = await StartWithLoginsAsync(null, RegistryHosts.One);
        string token = (await (await one.Client.GetAsync("/v2/_token")).JsonAsync()).GetProperty("token").GetString()!;
        Assert.Equal(HttpStatusCode.OK, await AskAsync(another, token));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(alone, token));
    }

    [Fact]
    public async Task Many_hosts_with_logins_do_not_start_without_a_key()
    {
        await Assert.ThrowsAnyAsync<BlobsException>(() => StartWithLoginsAsync(null, RegistryHosts.Many));
        BlobsException fault = await Assert.ThrowsAnyAsync<BlobsException>(() => RegistryServer.StartAsync(options =>
        {
            options.Storage = new SwitchedStorage();
            options.Htpasswd = Users();
        }, hosts: 1));
        Assert.Contains("--token-key", fault.Message, StringComparison.Ordinal);
        await (await StartWithLoginsAsync(null, RegistryHosts.One)).DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_is_too_short_or_not_there_is_an_error_at_start()
    {
        string key = Path.Combine(_folder, "key");
        await Assert.ThrowsAnyAsync<BlobsException>(() => StartWithLoginsAsync(key, RegistryHosts.Many));
        await File.WriteAllTextAsync(key, new string('k', 31) + "\n");
        BlobsException fault = await Assert.ThrowsAnyAsync<BlobsException>(() => StartWithLoginsAsync(key, RegistryHosts.Many));
        Assert.Equal($"{key}: has 31 bytes, expected at least 32, as `openssl rand -hex 32` writes them", fault.Message);
    }

    [Fact]
    public async Task Many_hosts_do_not_start_on_a_storage_for_one()
    {
        await Assert.ThrowsAnyAsync<BlobsException>(() => RegistryServer.StartAsync(options =>
        {
            options.Storage = new SwitchedStorage { Sharing = Distribution.Storage.SharedUse.Unsafe };
            options.Hosts = RegistryHosts.Many;
        }));
        await (await RegistryServer.StartAsync(options =>
            options.Storage = new SwitchedStorage { Sharing = Distribution.Storage.SharedUse.Unsafe })).DisposeAsync();
    }

    [Fact]
    public async Task A_host_that_wants_to_be_alone_does_not_start_beside_another_and_none_beside_it()
    {
        StoreFiles files = RegistryServer.FilesOf(_folder);
        await using (RegistryServer alone = await StartAsync(RegistryHosts.One))
        {
            Assert.Single(await files.ListAsync("gc/hosts"));
            BlobsException fault = await Assert.ThrowsAnyAsync<BlobsException>(() => StartAsync(RegistryHosts.One));
            Assert.Contains("another host serves this storage alone", fault.Message, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<BlobsException>(() => StartAsync(RegistryHosts.Automatic));
            await (await StartAsync(RegistryHosts.One, isReadOnly: true)).DisposeAsync();
            await alone.StopAsync();
        }

        Assert.Empty(await files.ListAsync("gc/hosts"));
        await (await StartAsync(RegistryHosts.Automatic)).DisposeAsync();
    }

    [Fact]
    public async Task The_record_of_a_host_that_died_is_in_the_way_for_ninety_seconds()
    {
        const string Record = "gc/hosts/0123";
        StoreFiles files = RegistryServer.FilesOf(_folder);
        await files.WriteAsync(Record, Content.Of(DateTimeOffset.UtcNow.AddSeconds(-80).ToString("o")));
        await Assert.ThrowsAnyAsync<BlobsException>(() => StartAsync(RegistryHosts.One));
        await files.WriteAsync(Record, Content.Of(DateTimeOffset.UtcNow.AddSeconds(-91).ToString("o")));
        await (await StartAsync(RegistryHosts.One)).DisposeAsync();
        Assert.DoesNotContain(Record, await files.ListAsync("gc/hosts"));
    }

    // A directory has turns. On a bucket, the second host to save is refused, and its client is told to come again.
    private static async Task<HttpResponseMessage> UntilNotBusyAsync(Func<Task<HttpResponseMessage>> call)
    {
        while (true)
        {
            HttpResponseMessage answer = await call();
            if (!RegistryServer.IsInBucket || answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                return answer;
            }

            Assert.Equal("1", answer.Header("Retry-After"));
            await Task.Delay(10);
        }
    }

    private Task<RegistryServer> StartAsync(RegistryHosts hosts, bool isReadOnly = false) => RegistryServer.StartAsync(
        options =>
        {
            options.Hosts = hosts;
            options.ReadOnly = isReadOnly;
        },
        root: _folder,
        hosts: 1);

    private static string UploadFolder(RegistryServer server, string location) =>
        Path.Combine(server.Folder, "repositories/foo/bar/_uploads", location.Split('/')[^1]);

    private static string[] HashStates(RegistryServer server, string location) =>
        Directory.GetFiles(Path.Combine(UploadFolder(server, location), "hashstates/sha256"));

    private static async Task<HttpStatusCode> AskAsync(RegistryServer server, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return (await server.Client.SendAsync(request)).StatusCode;
    }

    private string Users()
    {
        string users = Path.Combine(_folder, "users");
        File.WriteAllText(users, "");
        return users;
    }

    private Task<RegistryServer> StartWithLoginsAsync(string? key, RegistryHosts hosts) => RegistryServer.StartAsync(
        options =>
        {
            options.Htpasswd = Users();
            options.AnonymousPull = true;
            options.TokenKeyFile = key;
            options.Hosts = hosts;
        },
        hosts: 1);
}
