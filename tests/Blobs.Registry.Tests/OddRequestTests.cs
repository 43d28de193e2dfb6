using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>Whatever is asked, the answer is never that the server has failed.</summary>
public sealed class OddRequestTests
{
    private const int Requests = 1500;

    private static readonly string[] Methods =
        ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X-Y"];

    private static readonly string[] Names =
        ["foo/bar", "foo", "a", "A", "foo//bar", "..", "foo%2Fbar", "foo%00", "%ff", "%ED%A0%80", "_x", "-", new string('a', 255), new string('a', 256), "ä", "foo bar", "%", "foo/blobs/uploads"];

    private static readonly string[] References =
        ["latest", "t", ".", "..", ":", "sha256:", "sha256:00", "%3A", "sha512:x", "md5:d41d8cd98f00b204e9800998ecf8427e", new string('t', 129), "%00", "%0d%0a", "\u2603", "a%20b", "*", "?", "list", "uploads"];

    private static readonly string[] Values =
        ["", "0", "1", "-1", "99999999999999999999", "x", "%", "%00", "%ff", "%ED%A0%80", "null", "foo/bar", "a&mount=b", "%22", "sha256:x", ",", "+"];

    private static readonly string[] Keys = ["digest", "mount", "from", "n", "last", "artifactType", "_state", "tag", "", "digest-algorithm"];

    private static readonly string[] Documents =
        ["", "null", "{}", "[]", "{", "\"x\"", "\uFEFF{}", "{\"schemaVersion\":2}", "{\"schemaVersion\":2,\"layers\":null,\"config\":null}",
            "{\"schemaVersion\":2,\"manifests\":[null]}", "{\"schemaVersion\":1,\"fsLayers\":[null]}", "{\"schemaVersion\":1,\"fsLayers\":null}",
            "{\"schemaVersion\":2,\"manifests\":[],\"subject\":null,\"annotations\":{\"x\":null}}",
            "{\"schemaVersion\":2,\"manifests\":[],\"subject\":{}}", "{\"schemaVersion\":2,\"manifests\":{}}", "{\"schemaVersion\":1e999}",
            "{\"schemaVersion\":2,\"manifests\":[],\"x\":\"\\ud800\"}", "{\"schemaVersion\":2,\"mediaType\":\"\\ud800\",\"manifests\":[]}"];

    private static readonly string[] Headers =
        [
            "Range: bytes=0-", "Range: bytes=-0", "Range: bytes=5-1", "Range: bytes=0-0,2-3", "Range: items=1-2", "Range: bytes=99999999999999999999-",
            "Range: x", "If-Range: x", "If-None-Match: *", "If-None-Match: \"", "If-None-Match: W/,,", "Content-Range: 0-0", "Content-Range: bytes 0-0/1",
            "Content-Range: -", "Content-Range: 0-9223372036854775806", "Content-Type: x", "Content-Type: application/json; charset=\"", "Content-Type: text/plain;;;",
            "Content-Type: application/vnd.oci.image.index.v1+json", "Accept: ,", "Authorization: Basic", "Authorization: Basic !!!", "Authorization: Bearer x",
            "Authorization: Basic YTpi", "Authorization: Basic Yjpi", "Authorization: Basic Yzpi", "Authorization: Basic YToA", "Authorization: Bearer AAAA",
            "Expect: x", "Upgrade: h2c\r\nConnection: Upgrade", "Cookie: a=\u0001", "X: \u00e9", "Transfer-Encoding: gzip", "Content-Encoding: gzip",
            "X-Forwarded-Host: \"", "Content-Length: -1", "Content-Length: 18446744073709551616", "Connection: close, keep-alive", "Host: a\"b",
        ];

    // USER:BCRYPT lines; the second is only the beginning of one.
    private const string Users = "a:$2y$04$abcdefghijklmnopqrstuuA5Q2mBkqPuOSnfLmNfbv7bEMPmBdcTC\nb:$2y$04$\nc:$2\n";

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    public async Task No_request_makes_the_server_fail(bool needsLogin, bool isPullFree, bool isReadOnly)
    {
        await using RegistryServer open = await RegistryServer.StartAsync();
        string users = Path.Combine(open.Root, "users");
        Directory.CreateDirectory(open.Root);
        await File.WriteAllTextAsync(users, Users);
        await using RegistryServer server = await RegistryServer.StartAsync(
            options =>
            {
                options.Htpasswd = needsLogin ? users : null;
                options.AnonymousPull = isPullFree;
                options.ReadOnly = isReadOnly;
            },
            open.Root);
        byte[] image = await open.Client.PushImageAsync();
        byte[] odd = Content.Of("{\"schemaVersion\":2}");
        string[] references = [.. References, Content.Digest(image), Content.Digest512(image), Content.Digest(Content.Of("a layer")), Content.Digest(odd), Guid.NewGuid().ToString("D")];
        var random = new Random(14);
        for (int i = 0; i < Requests; i++)
        {
            string location = i % 8 == 0 ? await open.Client.BeginAsync() : "";
            await AskAsync(server, Request(random, references, location));
        }

        // Some of them were deletions.
        Assert.Equal(image, await open.Client.PushImageAsync());
        Assert.Equal(image, await open.Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
    }

    [Theory]
    [InlineData("GET * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://x/v2/ HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /v2/ HTTP/1.0\r\n\r\n")]
    [InlineData("PUT /v2/a/manifests/t HTTP/1.0\r\n\r\n{}")]
    [InlineData("PUT /v2/a/manifests/t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("PUT /v2/a/manifests/t HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc")]
    [InlineData("GET /v2/a/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /v2/%2e%2e/manifests/%2e%2e%2f HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    public async Task No_broken_request_makes_the_server_fail(string request)
    {
        await using RegistryServer server = await RegistryServer.StartAsync();
        await AskAsync(server, Encoding.Latin1.GetBytes(request));
    }

    [Theory]
    [InlineData(7000, "")]
    [InlineData(70_000, "")]
    [InlineData(0, "X: ")]
    public async Task No_request_is_too_long_to_be_answered(int pathLength, string header)
    {
        await using RegistryServer server = await RegistryServer.StartAsync();
        string more = header.Length == 0 ? "" : $"{header}{new string('x', 100_000)}\r\n";
        await AskAsync(server, Encoding.ASCII.GetBytes(
            $"GET /v2/{new string('a', pathLength)}/tags/list?n=1&last={new string('b', pathLength)} HTTP/1.1\r\nHost: x\r\n{more}\r\n"));
    }

    private static byte[] Request(Random random, string[] references, string location)
    {
        string name = Pick(random, Names);
        string reference = Pick(random, references);
        string path = random.Next(12) switch
        {
            0 => $"/v2/{name}/manifests/{reference}",
            1 => $"/v2/{name}/blobs/{reference}",
            2 => $"/v2/{name}/blobs/uploads/{reference}",
            3 => $"/v2/{name}/blobs/uploads/",
            4 => $"/v2/{name}/tags/list",
            5 => $"/v2/{name}/referrers/{reference}",
            6 => "/v2/_catalog",
            7 => $"/v2/{reference}",
            8 => "/v2/_token",
            9 => $"/v2/foo/bar/manifests/{reference}",
            _ when location.Length > 0 => location,
            _ => $"/v2/foo/bar/blobs/{reference}",
        };
        var query = new StringBuilder();
        for (int left = random.Next(4); left > 0; left--)
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(Pick(random, Keys)).Append('=').Append(Pick(random, [.. Values, .. references]));
        }

        string body = Pick(random, Documents);
        var text = new StringBuilder($"{Pick(random, Methods)} {path}{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (int left = random.Next(3); left > 0; left--)
        {
            text.Append(Pick(random, Headers)).Append("\r\n");
        }

        switch (random.Next(4))
        {
            case 0:
                text.Append(CultureInfo.InvariantCulture, $"Transfer-Encoding: chunked\r\n\r\n{Encoding.UTF8.GetByteCount(body):x}\r\n{body}\r\n0\r\n\r\n");
                break;
            case 1:
                text.Append("\r\n");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
                break;
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static async Task AskAsync(RegistryServer server, byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address);
        NetworkStream stream = client.GetStream();
        string answer = "";
        try
        {
            await stream.WriteAsync(request);
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            answer = await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // The server may close before it has read everything.
        }

        string shown = Encoding.UTF8.GetString(request.AsSpan(0, Math.Min(request.Length, 500)));
        Assert.False(answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), $"{shown}\n\n{answer}");
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), $"{shown}\n\n{answer}");
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
