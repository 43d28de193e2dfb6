using System.Net;
using System.Net.Sockets;
using System.Text;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>OCI distribution-spec 1.1, workflow "Push": blobs.</summary>
public sealed class PushingBlobsTests : IAsyncLifetime
{
    private static readonly byte[] Layer = Content.Random(300_000);
    private static readonly string Digest = Content.Digest(Layer);

    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task POST_begins_an_upload()
    {
        HttpResponseMessage response = await Client.CallAsync("POST", "/v2/foo/bar/blobs/uploads/");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        string id = response.Header("Docker-Upload-UUID")!;
        Assert.Equal($"/v2/foo/bar/blobs/uploads/{id}", response.Headers.Location!.OriginalString);
        Assert.Equal("0-0", response.Header("Range"));
        Assert.Equal(0, response.Content.Headers.ContentLength);
        Assert.NotEmpty(await _server.Files.ListAsync($"repositories/foo/bar/_uploads/{id}"));
    }

    [Fact]
    [OnDirectory]
    public async Task An_upload_says_when_it_began_as_docker_registry_does()
    {
        string id = (await Client.BeginAsync()).Split('/')[^1];
        string started = await _server.Files.ReadTextAsync($"repositories/foo/bar/_uploads/{id}/startedat");
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", started);
    }

    [Fact]
    public async Task POST_then_PUT_makes_a_blob()
    {
        HttpResponseMessage response = await Client.CallAsync("PUT", $"{await Client.BeginAsync()}?digest={Digest}", Layer);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/v2/foo/bar/blobs/{Digest}", response.Headers.Location!.OriginalString);
        Assert.Equal(Digest, response.Header("Docker-Content-Digest"));
        Assert.Equal(Layer, await Client.GetByteArrayAsync(response.Headers.Location));
    }

    [Fact]
    public async Task Files_are_those_that_docker_registry_writes()
    {
        await Client.PushBlobAsync(Layer);
        string hex = Digest["sha256:".Length..];
        Assert.Equal(Layer, await _server.Files.ReadAsync($"blobs/sha256/{hex[..2]}/{hex}/data"));
        Assert.Equal(Digest, await _server.Files.ReadTextAsync($"repositories/foo/bar/_layers/sha256/{hex}/link"));
        Assert.Empty(await _server.Files.ListAsync("repositories/foo/bar/_uploads"));
    }

    [Fact]
    public async Task A_single_POST_makes_a_blob()
    {
        HttpResponseMessage response = await Client.CallAsync("POST", $"/v2/foo/bar/blobs/uploads/?digest={Digest}", Layer);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Layer, await Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Digest}"));
    }

    [Fact]
    public async Task A_single_POST_with_another_digest_leaves_nothing()
    {
        HttpResponseMessage response = await Client.CallAsync("POST", $"/v2/foo/bar/blobs/uploads/?digest={Digest}", [1]);
        await response.ExpectErrorAsync(400, "DIGEST_INVALID");
        Assert.Empty(await _server.Files.ListAsync("repositories/foo/bar/_uploads"));
    }

    [Fact]
    public async Task A_POST_that_only_names_the_digest_begins_an_upload() =>
        Assert.Equal(HttpStatusCode.Accepted, (await Client.CallAsync("POST", $"/v2/foo/bar/blobs/uploads/?digest={Digest}", [])).StatusCode);

    [Fact]
    public async Task A_single_POST_of_nothing_makes_the_empty_blob() =>
        Assert.Equal(
            HttpStatusCode.Created,
            (await Client.CallAsync("POST", $"/v2/foo/bar/blobs/uploads/?digest={Content.Digest([])}", [])).StatusCode);

    [Fact]
    public async Task Chunks_in_order_make_a_blob()
    {
        string location = await Client.BeginAsync();
        for (int offset = 0; offset < Layer.Length; offset += 100_000)
        {
            HttpResponseMessage chunk = await Client.CallAsync(
                "PATCH", location, Layer[offset..(offset + 100_000)], ("Content-Range", $"{offset}-{offset + 99_999}"));
            Assert.Equal(HttpStatusCode.Accepted, chunk.StatusCode);
            Assert.Equal($"0-{offset + 99_999}", chunk.Header("Range"));
            location = chunk.Headers.Location!.OriginalString;
        }

        HttpResponseMessage response = await Client.CallAsync("PUT", $"{location}?digest={Digest}");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Layer, await Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Digest}"));
    }

    [Fact]
    public async Task A_stream_without_a_length_makes_a_blob()
    {
        string location = await Client.BeginAsync();
        var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new StreamContent(new MemoryStream(Layer)) };
        request.Headers.TransferEncodingChunked = true;
        HttpResponseMessage patched = await Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, patched.StatusCode);
        Assert.Equal("0-299999", patched.Header("Range"));
        Assert.Equal(HttpStatusCode.Created, (await Client.CallAsync("PUT", $"{location}?digest={Digest}")).StatusCode);
    }

    [Fact]
    public async Task The_last_chunk_may_come_with_the_PUT()
    {
        string location = await Client.BeginAsync();
        await Client.CallAsync("PATCH", location, Layer[..100], ("Content-Range", "0-99"));
        HttpResponseMessage response = await Client.CallAsync(
            "PUT", $"{location}?digest={Digest}", Layer[100..], ("Content-Range", "100-299999"));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    // The reference registry answers 202, and appends.
    [Theory]
    [InlineData("PATCH", "5-14")]
    [InlineData("PATCH", "11-20")]
    [InlineData("PUT", "11-20")]
    public async Task A_chunk_out_of_order_is_416_and_changes_nothing(string method, string range)
    {
        string location = await Client.BeginAsync();
        await Client.CallAsync("PATCH", location, Layer[..10], ("Content-Range", "0-9"));
        string target = method == "PUT" ? $"{location}?digest={Digest}" : location;
        HttpResponseMessage response = await Client.CallAsync(method, target, Layer[..10], ("Content-Range", range));
        await response.ExpectErrorAsync(416, "RANGE_INVALID");
        Assert.Equal("0-9", response.Header("Range"));
        Assert.Equal(location, response.Headers.Location!.OriginalString);
        Assert.Equal("0-9", (await Client.GetAsync(location)).Header("Range"));
    }

    [Theory]
    [InlineData("bytes=0-9")]
    [InlineData("bytes 0-9/9")]
    [InlineData("bytes 0-9/x")]
    [InlineData("bytes 0-9/")]
    [InlineData("bytes */10")]
    [InlineData("bytes0-9")]
    [InlineData("items 0-9")]
    [InlineData("+0-9")]
    [InlineData("")]
    [InlineData("0-9, 10-19")]
    [InlineData("9-0")]
    [InlineData("-1-9")]
    [InlineData("0-9223372036854775807")]
    [InlineData("x")]
    public async Task A_malformed_content_range_is_416(string range) =>
        await (await Client.CallAsync("PATCH", await Client.BeginAsync(), Layer[..10], ("Content-Range", range)))
            .ExpectErrorAsync(416, "RANGE_INVALID");

    // The specification's form, and HTTP's own, which libraries write.
    [Theory]
    [InlineData("0-99", "100-199")]
    [InlineData("bytes 0-99", "bytes 100-199")]
    [InlineData("bytes 0-99/200", "bytes 100-199/200")]
    [InlineData("Bytes 0-99/*", "BYTES  100-199/*")]
    [InlineData("0-99/300000", "100-199/300000")]
    public async Task A_content_range_may_have_unit_and_length(string first, string second)
    {
        string location = await Client.BeginAsync();
        HttpResponseMessage chunk = await Client.CallAsync("PATCH", location, Layer[..100], ("Content-Range", first));
        Assert.Equal(HttpStatusCode.Accepted, chunk.StatusCode);
        Assert.Equal("0-99", chunk.Header("Range"));
        await (await Client.CallAsync("PATCH", location, Layer[..100], ("Content-Range", first))).ExpectErrorAsync(416, "RANGE_INVALID");
        await (await Client.CallAsync("PATCH", location, Layer[..99], ("Content-Range", second))).ExpectErrorAsync(400, "SIZE_INVALID");
        string put = $"{location}?digest={Content.Digest(Layer[..200])}";
        Assert.Equal(HttpStatusCode.Created, (await Client.CallAsync("PUT", put, Layer[100..200], ("Content-Range", second))).StatusCode);
    }

    [Fact]
    public async Task A_chunk_of_another_length_than_its_range_is_SIZE_INVALID()
    {
        string location = await Client.BeginAsync();
        HttpResponseMessage response = await Client.CallAsync("PATCH", location, Layer[..10], ("Content-Range", "0-10"));
        await response.ExpectErrorAsync(400, "SIZE_INVALID");
    }

    [Fact]
    public async Task A_streamed_chunk_longer_than_its_range_is_SIZE_INVALID_and_keeps_only_the_range()
    {
        string location = await Client.BeginAsync();
        var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new StreamContent(new MemoryStream(Layer[..20])) };
        request.Headers.TransferEncodingChunked = true;
        request.Content.Headers.TryAddWithoutValidation("Content-Range", "0-9");
        await (await Client.SendAsync(request)).ExpectErrorAsync(400, "SIZE_INVALID");
        Assert.Equal("0-9", (await Client.GetAsync(location)).Header("Range"));
    }

    [Fact]
    public async Task The_status_of_an_upload_has_its_length()
    {
        string location = await Client.BeginAsync();
        await Client.CallAsync("PATCH", location, Layer[..10]);
        HttpResponseMessage response = await Client.GetAsync(location);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("0-9", response.Header("Range"));
        Assert.Equal(location, response.Headers.Location!.OriginalString);
        Assert.NotNull(response.Header("Docker-Upload-UUID"));
    }

    [Fact]
    public async Task A_cancelled_upload_is_deleted()
    {
        string location = await Client.BeginAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await Client.DeleteAsync(location)).StatusCode);
        await (await Client.GetAsync(location)).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");
        await (await Client.CallAsync("PATCH", location, [1])).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");
        await (await Client.CallAsync("PUT", $"{location}?digest={Digest}", Layer)).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");
        await (await Client.DeleteAsync(location)).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("00000000-0000-4000-8000-000000000000")]
    [InlineData("..%2f..%2fx")]
    [InlineData("AAAAAAAA-0000-4000-8000-000000000000")]
    public async Task An_upload_that_nobody_began_is_BLOB_UPLOAD_UNKNOWN(string id) =>
        await (await Client.GetAsync($"/v2/foo/bar/blobs/uploads/{id}")).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");

    [Theory]
    [InlineData("")]
    [InlineData("?digest=")]
    [InlineData("?digest=sha256:abc")]
    [InlineData("?digest=latest")]
    public async Task A_PUT_without_a_digest_is_DIGEST_INVALID_and_the_upload_survives(string query)
    {
        string location = await Client.BeginAsync();
        await (await Client.CallAsync("PUT", location + query, Layer)).ExpectErrorAsync(400, "DIGEST_INVALID");
        Assert.Equal(HttpStatusCode.Created, (await Client.CallAsync("PUT", $"{location}?digest={Digest}", Layer)).StatusCode);
    }

    [Fact]
    public async Task A_PUT_with_the_wrong_digest_is_DIGEST_INVALID_and_deletes_the_upload()
    {
        string location = await Client.BeginAsync();
        await (await Client.CallAsync("PUT", $"{location}?digest={Digest}", [1])).ExpectErrorAsync(400, "DIGEST_INVALID");
        await (await Client.GetAsync(location)).ExpectErrorAsync(404, "BLOB_UPLOAD_UNKNOWN");
        await (await Client.GetAsync($"/v2/foo/bar/blobs/{Digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
    }

    // The reference registry takes it, and then calls it by its SHA-256.
    [Fact]
    public async Task A_blob_may_be_named_by_SHA_512()
    {
        string digest = Content.Digest512(Layer);
        HttpResponseMessage pushed = await Client.CallAsync("PUT", $"{await Client.BeginAsync()}?digest={digest}", Layer);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        Assert.Equal($"/v2/foo/bar/blobs/{digest}", pushed.Headers.Location!.OriginalString);
        Assert.Equal(digest, pushed.Header("Docker-Content-Digest"));

        HttpResponseMessage pulled = await Client.GetAsync($"/v2/foo/bar/blobs/{digest}");
        Assert.Equal(Layer, await pulled.Content.ReadAsByteArrayAsync());
        Assert.Equal(digest, pulled.Header("Docker-Content-Digest"));
        string link = $"repositories/foo/bar/_layers/sha512/{digest["sha512:".Length..]}/link";
        Assert.Equal(Digest, await _server.Files.ReadTextAsync(link));

        Assert.Equal(HttpStatusCode.Accepted, (await Client.DeleteAsync($"/v2/foo/bar/blobs/{digest}")).StatusCode);
        await (await Client.GetAsync($"/v2/foo/bar/blobs/{digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task A_wrong_SHA_512_is_DIGEST_INVALID() =>
        await (await Client.CallAsync("PUT", $"{await Client.BeginAsync()}?digest={Content.Digest512([1])}", Layer))
            .ExpectErrorAsync(400, "DIGEST_INVALID");

    [Theory]
    [InlineData("&from=one")]
    [InlineData("")]
    public async Task A_blob_of_another_repository_is_mounted(string from)
    {
        await Client.PushBlobAsync(Layer, "one");
        HttpResponseMessage response = await Client.CallAsync("POST", $"/v2/two/blobs/uploads/?mount={Digest}{from}");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/v2/two/blobs/{Digest}", response.Headers.Location!.OriginalString);
        Assert.Equal(Digest, response.Header("Docker-Content-Digest"));
        Assert.Equal(Layer, await Client.GetByteArrayAsync($"/v2/two/blobs/{Digest}"));
    }

    [Theory]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", "&from=one")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", "")]
    [InlineData("nonsense", "&from=one")]
    [InlineData(null, "&from=other")]
    [InlineData(null, "&from=NO/name")]
    public async Task A_mount_that_is_not_possible_begins_an_upload(string? digest, string from)
    {
        await Client.PushBlobAsync(Layer, "one");
        HttpResponseMessage response = await Client.CallAsync("POST", $"/v2/two/blobs/uploads/?mount={digest ?? Digest}{from}");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.NotNull(response.Headers.Location);
    }

    [Fact]
    public async Task A_mount_from_anywhere_can_be_turned_off()
    {
        await using RegistryServer strict = await RegistryServer.StartAsync(
            options => options.Store = options.Store with { MountFromAnywhere = false });
        await strict.Client.PushBlobAsync(Layer, "one");
        HttpResponseMessage response = await strict.Client.CallAsync("POST", $"/v2/two/blobs/uploads/?mount={Digest}");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [OnDirectory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task An_upload_that_another_process_writes_to_is_to_be_tried_later(string method)
    {
        string location = await Client.BeginAsync();
        string data = Path.Combine(_server.Folder, "repositories/foo/bar/_uploads", location.Split('/')[^1], "data");
        await using (new FileStream(data, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            HttpResponseMessage response = await Client.CallAsync(method, $"{location}?digest={Digest}", Layer);
            await response.ExpectErrorAsync(429, "TOOMANYREQUESTS");
            Assert.Equal("1", response.Header("Retry-After"));
        }

        Assert.Equal(HttpStatusCode.Created, (await Client.CallAsync("PUT", $"{location}?digest={Digest}", Layer)).StatusCode);
    }

    [Fact]
    public async Task A_blob_longer_than_the_limit_is_413()
    {
        await using RegistryServer small = await RegistryServer.StartAsync(options => options.Store = options.Store with { BlobBytes = 1000 });
        await (await small.Client.CallAsync("PATCH", await small.Client.BeginAsync(), Layer)).ExpectErrorAsync(413, "SIZE_INVALID");
    }

    [Fact]
    public async Task A_blob_may_be_longer_than_the_hosts_own_limit()
    {
        // Kestrel's is 30,000,000 bytes.
        byte[] long40 = new byte[40_000_000];
        string digest = await Client.PushBlobAsync(long40);
        HttpResponseMessage response = await Client.CallAsync("HEAD", $"/v2/foo/bar/blobs/{digest}");
        Assert.Equal(long40.Length, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_client_that_disconnects_in_the_middle_can_resume_its_upload()
    {
        string location = await Client.BeginAsync();
        await SendPartAsync(location, Layer.Length, Layer.AsMemory(0, 280_000));

        // The request is over when the server has noticed; what a batch of it had not reached the disk is sent again.
        long length = 0;
        for (int i = 0; i < 100 && length < 100_000; i++)
        {
            length = long.Parse((await Client.GetAsync(location)).Header("Range")!.Split('-')[1], null) + 1;
            await Task.Delay(20);
        }

        HttpResponseMessage rest = await Client.CallAsync("PATCH", location, Layer[(int)length..], ("Content-Range", $"{length}-299999"));
        Assert.Equal(HttpStatusCode.Accepted, rest.StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await Client.CallAsync("PUT", $"{location}?digest={Digest}")).StatusCode);
        Assert.Equal(Layer, await Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Digest}"));
    }

    [Fact]
    public async Task A_client_that_disconnects_in_the_middle_of_a_single_POST_leaves_nothing()
    {
        await SendPartAsync($"/v2/foo/bar/blobs/uploads/?digest={Digest}", Layer.Length, Layer.AsMemory(0, 280_000), "POST");
        for (int i = 0; i < 200 && (await _server.Files.ListAsync("repositories/foo/bar/_uploads")).Length > 0; i++)
        {
            await Task.Delay(20);
        }

        Assert.Empty(await _server.Files.ListAsync("repositories/foo/bar/_uploads"));
        await (await Client.GetAsync($"/v2/foo/bar/blobs/{Digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Another_process_resumes_an_upload()
    {
        string location = await Client.BeginAsync();
        await Client.CallAsync("PATCH", location, Layer[..100_000]);
        await using RegistryServer other = await RegistryServer.StartAsync(root: _server.Root);
        Assert.Equal("0-99999", (await other.Client.GetAsync(location)).Header("Range"));
        await other.Client.CallAsync("PATCH", location, Layer[100_000..200_000]);

        // And the first one again: what it had hashed is still the beginning.
        HttpResponseMessage response = await Client.CallAsync("PUT", $"{location}?digest={Digest}", Layer[200_000..]);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Layer, await other.Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Digest}"));
    }

    [Fact]
    public async Task Many_clients_may_push_the_same_blob_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Client.PushBlobAsync(Layer, $"r{i % 4}")));
        Assert.Equal(Layer, await Client.GetByteArrayAsync($"/v2/r3/blobs/{Digest}"));
    }

    [Fact]
    public async Task Uploads_beyond_the_limit_are_429()
    {
        await using RegistryServer small = await RegistryServer.StartAsync(options =>
        {
            options.ConcurrentUploads = 1;
            options.UploadWait = TimeSpan.Zero;
        });
        string location = await small.Client.BeginAsync();
        using var hold = new TcpClient();
        await hold.ConnectAsync(small.Address);
        await hold.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"PATCH {location} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"));
        HttpResponseMessage? response = null;
        for (int i = 0; i < 10_000 && response?.StatusCode != HttpStatusCode.TooManyRequests; i++)
        {
            response = await small.Client.CallAsync("PATCH", await small.Client.BeginAsync(), [1]);
            await Task.Delay(10);
        }

        await response!.ExpectErrorAsync(429, "TOOMANYREQUESTS");
        Assert.Equal("1", response!.Header("Retry-After"));
    }

    private async Task SendPartAsync(string target, int length, ReadOnlyMemory<byte> part, string method = "PATCH")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Address);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"));
        await stream.WriteAsync(part);
        await Task.Delay(100);
        client.Client.LingerState = new LingerOption(true, 0);
    }
}
