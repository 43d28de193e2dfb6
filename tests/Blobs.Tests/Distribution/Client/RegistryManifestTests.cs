using System.IO.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

public sealed class RegistryManifestTests
{
    private const string ManifestPath = "/v2/app/manifests/1";

    private static readonly ImageManifest Image = ManifestWriter.Image(MediaTypes.OciManifest, Describe("{}"u8.ToArray()), []);

    [Theory]
    [InlineData(MediaTypes.OciManifest)]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    public async Task A_manifest_keeps_its_bytes_whatever_it_is_sent_as(string type)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Bytes(Image.Bytes.ToArray(), type));
        Manifest manifest = await fake.Repository().GetManifestAsync(FakeRegistry.Image);
        Assert.Equal(Image.Bytes.ToArray(), manifest.Bytes.ToArray());
        Assert.Equal(MediaTypes.Manifests, fake.Requests[^1].Headers.Accept.Select(accept => accept.MediaType));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("x-gzip", true)]
    [InlineData("gzip", false)]
    [InlineData("identity", false)]
    public async Task A_manifest_with_a_content_coding_is_decoded(string coding, bool isEncoded)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Encoded(Image.Bytes.ToArray(), coding, isEncoded));
        Assert.Equal(Image.Digest, (await fake.Repository().GetManifestAsync(FakeRegistry.Image)).Digest);
        Assert.Equal("identity", fake.Requests[^1].Headers.AcceptEncoding.ToString());
    }

    [Fact]
    public async Task A_decoded_manifest_has_the_same_limit()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"GET {ManifestPath}", _ => Encoded(new byte[Limits.Default.ManifestBytes + 1], "gzip", true))
            .On("GET /v2/app/manifests/damaged", _ => Encoded([0x1f, 0x8b, 8, 1, 2, 3], "gzip", false))
            .On("GET /v2/app/manifests/other", _ => Encoded([1, 2, 3], "br", false));
        await Assert.ThrowsAsync<LimitExceededException>(() => fake.Repository().GetManifestAsync("1"));
        await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository().GetManifestAsync("damaged"));
        await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository().GetManifestAsync("other"));
    }

    [Fact]
    public async Task A_manifest_that_was_asked_for_by_digest_must_have_it()
    {
        Digest other = Digest.OfSha256("other"u8);
        FakeRegistry fake = new FakeRegistry().On($"GET /v2/app/manifests/{other}", _ => Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest));
        DigestMismatchException error =
            await Assert.ThrowsAsync<DigestMismatchException>(() => fake.Repository().GetManifestAsync(other));
        Assert.Equal($"{Image.Digest}", error.Actual);
    }

    [Fact]
    public async Task A_manifest_must_have_the_digest_of_its_header()
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ =>
        {
            HttpResponseMessage response = Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest);
            response.Headers.Add("Docker-Content-Digest", $"{Digest.OfSha256("other"u8)}");
            return response;
        });
        await Assert.ThrowsAsync<DigestMismatchException>(() => fake.Repository().GetManifestAsync("1"));
    }

    [Fact]
    public async Task A_huge_manifest_is_refused_before_it_is_read()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"GET {ManifestPath}", _ => Bytes(new byte[Limits.Default.ManifestBytes + 1], MediaTypes.OciManifest))
            .On("GET /v2/app/manifests/endless", _ => Stream(new BrokenBody([], BrokenBody.End.Endless)));
        LimitExceededException error =
            await Assert.ThrowsAsync<LimitExceededException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Equal(nameof(Limits.ManifestBytes), error.Limit);
        await Assert.ThrowsAsync<LimitExceededException>(() => fake.Repository().GetManifestAsync("endless"));
    }

    [Theory]
    [InlineData("<html>login</html>")]
    [InlineData("""{"schemaVersion":1,"name":"app"}""")]
    [InlineData("")]
    public async Task An_invalid_manifest_is_refused(string body)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Text(body, "text/html"));
        await Assert.ThrowsAsync<MalformedDataException>(() => fake.Repository().GetManifestAsync("1"));
    }

    [Fact]
    public async Task An_error_names_address_status_and_codes_in_one_line()
    {
        const string Body = """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest\nunknown","detail":{"Tag":"1"}},{"code":"bad code"},null]}""";
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Status(404, Body));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Equal(404, error.Status);
        Assert.Equal(["MANIFEST_UNKNOWN"], error.Codes);
        Assert.Equal(
            @"GET https://registry.example/v2/app/manifests/1: 404 not found, MANIFEST_UNKNOWN: 'manifest\x0aunknown'", error.Message);
    }

    [Theory]
    [InlineData("<html><body>Bad things happened</body></html>")]
    [InlineData("""{"errors":"none"}""")]
    [InlineData("")]
    public async Task An_HTML_error_page_leaves_the_status(string body)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Status(403, body));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Equal("GET https://registry.example/v2/app/manifests/1: 403 forbidden", error.Message);
        Assert.Empty(error.Codes);
    }

    [Fact]
    public async Task An_endless_error_page_is_cut_off()
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Stream(new BrokenBody([], BrokenBody.End.Endless), 403));
        Assert.Equal(403, (await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"))).Status);
    }

    [Fact]
    public async Task A_request_to_a_busy_registry_is_retried_after_the_delay_it_asks_for()
    {
        FakeRegistry fake = new FakeRegistry().On(
            $"GET {ManifestPath}",
            _ => Status(503, "", ("Retry-After", "7")),
            _ => Status(429),
            _ => Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest));
        await fake.Repository().GetManifestAsync("1");
        Assert.Equal(4, fake.Asked.Count);
        Assert.Equal(TimeSpan.FromSeconds(7), fake.Time.Waits[0]);
    }

    [Theory]
    [InlineData(503, "3600", 1)]
    [InlineData(404, "1", 1)]
    [InlineData(500, "0", 4)]
    public async Task Only_transient_failures_are_retried_and_not_forever(int status, string retryAfter, int tries)
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Status(status, "", ("Retry-After", retryAfter)));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Equal(status, error.Status);
        Assert.Equal(tries, fake.Asked.Count - 1);
        Assert.Contains(retryAfter, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_connection_is_retried_and_then_reported()
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ =>
            throw new HttpRequestException(HttpRequestError.ConnectionError, "an error", new IOException("No route to host")));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Null(error.Status);
        Assert.Equal("GET https://registry.example/v2/app/manifests/1: No route to host", error.Message);
        Assert.Equal(5, fake.Asked.Count);
    }

    [Fact]
    public async Task A_host_name_that_does_not_resolve_is_tried_once()
    {
        FakeRegistry fake = new FakeRegistry(isOpen: false).On("GET /v2/", _ =>
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known"));
        await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Single(fake.Asked);
    }

    [Fact]
    public async Task Only_loopback_registries_are_tried_without_TLS()
    {
        var local = ImageReference.Parse("127.0.0.1:5000/app:1");
        FakeRegistry fake = new FakeRegistry(isOpen: false)
            .On("GET https://127.0.0.1:5000/v2/", _ => throw new HttpRequestException(HttpRequestError.SecureConnectionError))
            .On("GET http://127.0.0.1:5000/v2/", _ => Text("{}"))
            .On("GET http://127.0.0.1:5000/v2/app/manifests/1", _ => Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest))
            .On("GET /v2/", _ => throw new HttpRequestException(HttpRequestError.SecureConnectionError));
        using RegistryClient client = fake.Client();
        await client.Repository(local).GetManifestAsync(local);
        await Assert.ThrowsAsync<RegistryException>(() => client.Repository(FakeRegistry.Image).GetManifestAsync("1"));
        Assert.DoesNotContain(fake.Asked, line => line.Contains("http://registry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plain_http_is_used_when_the_option_says_so()
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest));
        using var client = new RegistryClient(fake.Options() with { PlainHttp = true });
        await client.Repository(FakeRegistry.Image).GetManifestAsync("1");
        Assert.All(fake.Requests, request => Assert.Equal("http", request.RequestUri!.Scheme));
    }

    [Fact]
    public async Task Docker_Hub_has_another_address()
    {
        ImageReference hub = ImageReference.Parse("alpine");
        FakeRegistry fake = new FakeRegistry()
            .On("GET https://registry-1.docker.io/v2/", _ => Text("{}"))
            .On("GET https://registry-1.docker.io/v2/library/alpine/manifests/latest", _ => Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest));
        using RegistryClient client = fake.Client();
        await client.Repository(hub).GetManifestAsync(hub);
    }

    [Fact]
    public async Task A_put_sends_the_bytes_and_their_type()
    {
        FakeRegistry fake = new FakeRegistry().On($"PUT {ManifestPath}", _ => Status(201, "", ("Docker-Content-Digest", $"{Image.Digest}")));
        await fake.Repository().PutManifestAsync(Image, "1");
        Assert.Equal(Image.Bytes.ToArray(), fake.Bodies[$"PUT {ManifestPath}"]);
        Assert.Equal(MediaTypes.OciManifest, fake.Requests[^1].Content!.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_registry_that_stored_another_manifest_is_detected()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"PUT {ManifestPath}", _ => Status(201, "", ("Docker-Content-Digest", $"{Digest.OfSha256("other"u8)}")));
        await Assert.ThrowsAsync<DigestMismatchException>(() => fake.Repository().PutManifestAsync(Image, "1"));
    }

    [Fact]
    public async Task Finding_a_manifest_moves_no_manifest()
    {
        FakeRegistry fake = new FakeRegistry().On($"HEAD {ManifestPath}", _ =>
        {
            HttpResponseMessage response = Bytes(Image.Bytes.ToArray(), MediaTypes.OciManifest);
            response.Headers.Add("Docker-Content-Digest", $"{Image.Digest}");
            return response;
        });
        Assert.Equal(Image.Describe(), await fake.Repository().FindManifestAsync("1"));
        Assert.Null(await fake.Repository().FindManifestAsync("2"));
    }

    [Fact]
    public async Task A_truncated_manifest_is_an_error_of_the_registry()
    {
        FakeRegistry fake = new FakeRegistry().On($"GET {ManifestPath}", _ => Stream(new BrokenBody([], BrokenBody.End.Silence)));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => fake.Repository().GetManifestAsync("1"));
        Assert.Contains("nothing came for 1 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_port_is_an_error_of_the_name()
    {
        ImageReference name = ImageReference.Parse("registry.example:99999/app:1");
        MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(
            () => new FakeRegistry().Client().Repository(name).GetManifestAsync("1"));
        Assert.Equal(Fault.ReferenceSyntax, error.Fault);
    }

    [Fact]
    public async Task A_tag_cannot_become_another_path() =>
        await Assert.ThrowsAsync<ArgumentException>(() => new FakeRegistry().Repository().GetManifestAsync("../../x"));

    private static HttpResponseMessage Encoded(byte[] bytes, string coding, bool isEncoded)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        HttpResponseMessage response = Bytes(isEncoded ? target.ToArray() : bytes, MediaTypes.OciManifest);
        response.Content.Headers.ContentEncoding.Add(coding);
        return response;
    }
}
