using System.Net;
using System.Text;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests with a registry that sends random responses. Every call ends with a result or with an exception of
/// this library, and no other host receives the password.</summary>
public sealed class HostileRegistryTests
{
    private static readonly byte[] Blob = "the blob"u8.ToArray();

    [Fact]
    public async Task Any_answer_ends_in_a_result_or_a_BlobsException()
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            using var registry = new Whims(seed);
            using var client = new RegistryClient(new RegistryClientOptions
            {
                Handler = registry,
                Credentials = new Login(new RegistryCredentials { Username = "alice", Password = "s3cret" }),
                Retries = 2,
                Time = new QuickTime(),
                Limits = new Limits { RegistryPages = 5, RegistryAnswerBytes = 1 << 16, ManifestBytes = 1 << 16 },
            });
            try
            {
                await CallAsync(client.Repository(Image), seed % 12);
            }
            catch (BlobsException)
            {
            }
            catch (Exception fault)
            {
                Assert.Fail($"seed {seed}: {fault}");
            }

            Assert.True(registry.Count < 300, $"seed {seed}: {registry.Count} requests");
            Assert.True(registry.Leak is null, $"seed {seed}: {registry.Leak}");
        }
    }

    private static async Task CallAsync(RegistryRepository repository, int call)
    {
        switch (call)
        {
            case 0:
                await repository.FindBlobAsync(Digest.OfSha256(Blob));
                break;
            case 1:
                await repository.ReadBlobAsync(Describe(Blob) with { Urls = ["https://layers.example/x", "x:"] });
                break;
            case 2:
                await repository.GetManifestAsync("1");
                break;
            case 3:
                await repository.FindManifestAsync("1");
                break;
            case 4:
                await foreach (string _ in repository.TagsAsync())
                {
                }

                break;
            case 5:
                await foreach (Descriptor _ in repository.ReferrersAsync(Digest.OfSha256(Blob)))
                {
                }

                break;
            case 6:
                await repository.MountBlobAsync(Digest.OfSha256(Blob), "other");
                break;
            case 7:
                await repository.PutBlobAsync(async (target, token) => await target.WriteAsync(Blob, token));
                break;
            case 8:
                await repository.DeleteTagAsync("1");
                break;
            case 9:
                await repository.DeleteManifestAsync(Digest.OfSha256(Blob));
                break;
            case 10:
                await repository.DeleteBlobAsync(Digest.OfSha256(Blob));
                break;
            default:
                await repository.PutBlobAsync(Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob)));
                await repository.PutManifestAsync(ManifestWriter.Image(MediaTypes.OciManifest, Describe(Blob), []), "1");
                break;
        }
    }

    private sealed class Whims(int seed) : HttpMessageHandler
    {
        private static readonly int[] Statuses =
            [200, 200, 200, 200, 201, 202, 202, 204, 206, 206, 301, 302, 303, 304, 307, 307, 308, 400, 401, 401, 403, 404, 405, 416, 429, 500, 503];

        private static readonly (string Name, string[] Values)[] Headers =
        [
            ("Location", ["/v2/x", "x?y", "", "//", "http://registry.example/x", "https://other.example/x", "https://a:b@registry.example/x",
                "file:///etc/passwd", "http://[::1", "https://registry.example:99999/", "\u00ff\u0100", "?digest=1", "javascript:1", "https://auth.example/t"]),
            ("WWW-Authenticate", ["Bearer", "Basic", "Basic realm=\"x\"", "Bearer realm=\"https://auth.example/t\",service=\"s\",scope=\"a b\"",
                "Bearer realm=\"http://auth.example/t\"", "Bearer realm=\"/t\"", "Bearer realm=\"https://registry.example/t?x=1#y\"", "Bearer realm=",
                "Bearer realm=\"", "Bearer =,,=", "Bearer realm=\"\\", "Digest qop=1", "=\"", "Basic realm=a, Bearer realm=\"https://auth.example\""]),
            ("Retry-After", ["0", "-1", "120", "99999999999", "Wed, 21 Oct 2099 07:28:00 GMT", "x"]),
            ("Link", ["<x>; rel=next", "<?a=1>; rel=\"next\"", "<", "<>; rel=next", "<http://[>; rel=next", "<https://other.example>; rel=next", ";;,,<>"]),
            ("Content-Range", ["bytes 0-7/8", "bytes 5-1/8", "bytes */8", "bytes 0-99999999999999999999/8", "x", "items 0-7/8"]),
            ("Content-Encoding", ["gzip", "identity", "br", "gzip, gzip", "x"]),
            ("Content-Type", ["application/json", MediaTypes.OciManifest, MediaTypes.DockerList, "x", "a/b; c=\"", "text/html"]),
            ("Docker-Content-Digest", ["sha256:00", "sha512:", "", $"{Digest.OfSha256([])}", $"{Digest.OfSha256(Blob)}"]),
        ];

        private static readonly string[] Bodies =
        [
            "", "{}", "null", "[]", "the blob", "{\"token\":\"t\"}", "{\"token\":\"a b\",\"expires_in\":1e400}", "{\"token\":1}",
            "{\"token\":\"t\",\"expires_in\":-1}", "{\"access_token\":\"t\",\"expires_in\":\"x\"}", "{\"errors\":[null,{\"code\":null},{\"code\":\"A\",\"message\":\"\\u0007\"}]}",
            "{\"errors\":{}}", "{\"tags\":[null,\"a\"]}", "{\"tags\":{}}", "{\"schemaVersion\":2,\"manifests\":[]}", "{\"schemaVersion\":2,\"manifests\":[{}]}",
            "\u001f\u008b", "<html>", "\ufeff{}", "{\"token\":",
        ];

        private readonly Random _random = new(seed);

        public int Count { get; private set; }

        public string? Leak { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Count++;
            Uri address = request.RequestUri!;
            string login = $"{request.Headers.Authorization}";
            bool isToken = address.Host == "auth.example";
            bool isOurs = address is { Scheme: "https", Port: 443, Host: "registry.example" } || (isToken && address.Scheme == "https");
            Leak = login.Length > 0 && !isOurs ? $"{address} got {login}" : Leak;
            if (request.Content is { } content)
            {
                await content.ReadAsByteArrayAsync(cancellationToken);
            }

            if (_random.Next(40) == 0)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "reset");
            }

            // Sends the expected response often enough to reach later steps.
            if (_random.Next(3) == 0)
            {
                return isToken ? Text("{\"token\":\"t\"}") : request.Method == HttpMethod.Post ? Status(202, "", ("Location", "id"))
                    : request.Method == HttpMethod.Put ? Status(201) : Bytes(Blob);
            }

            var response = new HttpResponseMessage((HttpStatusCode)Pick(Statuses));
            byte[] body = Encoding.Latin1.GetBytes(Pick(Bodies));
            response.Content = _random.Next(4) == 0
                ? new StreamContent(new BrokenBody(body, _random.Next(3) == 0 ? BrokenBody.End.Endless : (BrokenBody.End)_random.Next(2)))
                : new ByteArrayContent(body);
            for (int i = _random.Next(4); i > 0; i--)
            {
                (string name, string[] values) = Pick(Headers);
                if (!response.Headers.TryAddWithoutValidation(name, Pick(values)))
                {
                    response.Content.Headers.TryAddWithoutValidation(name, Pick(values));
                }
            }

            return response;
        }

        private T Pick<T>(T[] all) => all[_random.Next(all.Length)];
    }
}
