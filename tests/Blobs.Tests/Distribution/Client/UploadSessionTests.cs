using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

public sealed class UploadSessionTests
{
    private const string Uploads = "/v2/app/blobs/uploads/";

    private static readonly byte[] Blob = "the blob"u8.ToArray();
    private static readonly string DigestQuery = $"digest=sha256%3A{Digest.OfSha256(Blob).Hex}";

    [Theory]
    [InlineData("/v2/app/blobs/uploads/id?_state=a%2Bb%3D", "?_state=a%2Bb%3D&")]
    [InlineData("https://registry.example/v2/app/blobs/uploads/id", "?")]
    [InlineData("id", "?")]
    public async Task A_known_blob_takes_two_requests_and_the_address_is_kept_as_it_is(string location, string query)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", location)))
            .On($"PUT {Uploads}id", _ => Status(201));
        await PutAsync(fake);
        Assert.Equal(["GET /v2/", $"POST {Uploads}", $"PUT {Uploads}id{query}{DigestQuery}"], fake.Asked);
        Assert.Equal(Blob, fake.Bodies[$"PUT {Uploads}id"]);
        Assert.Equal(Blob.Length, fake.Lengths[$"PUT {Uploads}id"]);
    }

    [Fact]
    public async Task A_blob_that_is_produced_while_it_is_sent_gets_its_digest_at_the_end()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "id?n=1")))
            .On($"PATCH {Uploads}id", _ => Status(202, "", ("Location", "id?n=2")))
            .On($"PUT {Uploads}id", _ => Status(201));
        Descriptor blob = await fake.Repository().PutBlobAsync(async (target, token) =>
        {
            await target.WriteAsync(Blob.AsMemory(0, 3), token);
            await target.WriteAsync(Blob.AsMemory(3), token);
        });
        Assert.Equal(Describe(Blob), blob);
        Assert.Equal(Blob, fake.Bodies[$"PATCH {Uploads}id"]);
        Assert.Equal($"PUT {Uploads}id?n=2&{DigestQuery}", fake.Asked[^1]);
        Assert.Null(fake.Lengths[$"PATCH {Uploads}id"]);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, true)]
    [InlineData(202, false)]
    [InlineData(204, false)]
    public async Task Other_success_statuses_are_accepted_as_docker_does(int status, bool hasLocation)
    {
        string next = hasLocation ? "next" : "id?n=1";
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "id?n=1")))
            .On($"PATCH {Uploads}id", _ => hasLocation ? Status(status, "", ("Location", "next")) : Status(status))
            .On($"PUT {Uploads}id", _ => Status(status))
            .On($"PUT {Uploads}next", _ => Status(status))
            .On("PUT /v2/app/manifests/1", _ => Status(status));
        await fake.Repository().PutBlobAsync((target, token) => target.WriteAsync(Blob, token).AsTask());
        Assert.Equal($"PUT {Uploads}{next}{(hasLocation ? "?" : "&")}{DigestQuery}", fake.Asked[^1]);
        await PutAsync(fake);
        await fake.Repository().PutManifestAsync(ManifestWriter.Image(MediaTypes.OciManifest, Describe(Blob), []), "1");
    }

    [Fact]
    public async Task A_lost_connection_restarts_the_upload()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "one")), _ => Status(202, "", ("Location", "two")))
            .On($"PUT {Uploads}one", _ => throw new HttpRequestException(HttpRequestError.ConnectionError, "reset"))
            .On($"PUT {Uploads}two", _ => Status(201));
        await PutAsync(fake);
        Assert.Equal(Blob, fake.Bodies[$"PUT {Uploads}two"]);
        Assert.Contains($"DELETE {Uploads}one", fake.Asked);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, false)]
    public async Task A_retried_commit_of_a_finished_upload_succeeds_if_the_blob_exists(int found, bool isTaken)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "id")))
            .On($"PATCH {Uploads}id", _ => Status(202, "", ("Location", "id")))
            .On($"PUT {Uploads}id", _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut"), _ => Status(404))
            .On($"HEAD /v2/app/blobs/{Digest.OfSha256(Blob)}", _ => Status(found, "the blob"));
        Task<Descriptor> put = fake.Repository().PutBlobAsync((target, token) => target.WriteAsync(Blob, token).AsTask());
        if (isTaken)
        {
            Assert.Equal(Describe(Blob), await put);
        }
        else
        {
            Assert.Equal(404, (await Assert.ThrowsAsync<RegistryException>(() => put)).Status);
        }

        Assert.Equal(2, fake.Asked.Count(asked => asked.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_upload_to_a_busy_registry_is_retried_after_the_delay_it_asks_for()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "id")))
            .On($"PUT {Uploads}id", _ => Status(429, "", ("Retry-After", "9")), _ => Status(201));
        await PutAsync(fake);
        Assert.Contains(TimeSpan.FromSeconds(9), fake.Time.Waits);
    }

    [Fact]
    public async Task A_refusal_ends_the_upload_and_the_registry_may_forget_it()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "id")))
            .On($"PUT {Uploads}id", _ => Status(400, """{"errors":[{"code":"DIGEST_INVALID","message":"no"}]}"""));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => PutAsync(fake));
        Assert.Equal(["DIGEST_INVALID"], error.Codes);
        Assert.Equal($"DELETE {Uploads}id", fake.Asked[^1]);
    }

    [Fact]
    public async Task A_failure_to_produce_the_blob_is_the_error()
    {
        FakeRegistry fake = new FakeRegistry().On($"POST {Uploads}", _ => Status(202, "", ("Location", "id")));
        await Assert.ThrowsAsync<InvalidDataException>(() => fake.Repository().PutBlobAsync(async (target, token) =>
        {
            await target.WriteAsync(Blob, token);
            throw new InvalidDataException("damaged");
        }));
        Assert.Equal($"DELETE {Uploads}id", fake.Asked[^1]);
    }

    [Fact]
    public async Task Wrong_bytes_of_a_pushed_blob_are_detected()
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => Status(202, "", ("Location", "id")))
            .On($"PUT {Uploads}id", _ => Status(201));
        await Assert.ThrowsAsync<DigestMismatchException>(() => fake.Repository().PutBlobAsync(
            Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(new byte[Blob.Length]))));
    }

    [Theory]
    [InlineData("http://registry.example/v2/app/blobs/uploads/id")]
    [InlineData("ftp://registry.example/x")]
    [InlineData(null)]
    public async Task An_upload_without_a_Location_or_one_away_from_HTTPS_is_refused(string? location)
    {
        FakeRegistry fake = new FakeRegistry()
            .On($"POST {Uploads}", _ => location is null ? Status(202) : Status(202, "", ("Location", location)));
        await Assert.ThrowsAsync<MalformedDataException>(() => PutAsync(fake));
    }

    [Fact]
    public async Task A_mount_transfers_nothing()
    {
        FakeRegistry fake = new FakeRegistry().On($"POST {Uploads}", _ => Status(201, "", ("Location", "/x")));
        Assert.True(await fake.Repository().MountBlobAsync(Digest.OfSha256(Blob), "other/repository"));
        Assert.EndsWith("&from=other%2Frepository", fake.Asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mount_may_be_declined_without_an_upload()
    {
        FakeRegistry fake = new FakeRegistry().On($"POST {Uploads}", _ => Status(202));
        Assert.False(await fake.Repository().MountBlobAsync(Digest.OfSha256(Blob), "other"));
    }

    [Fact]
    public async Task A_registry_that_never_answers_an_upload_times_out()
    {
        using var silent = new Silent();
        using var client = new RegistryClient(new RegistryClientOptions
        {
            Handler = silent,
            Credentials = new Login(null),
            Retries = 0,
            IdleTimeout = TimeSpan.FromMilliseconds(10),
        });
        RegistryRepository repository = client.Repository(Image);
        Assert.Contains("nothing came", (await Assert.ThrowsAsync<RegistryException>(
            () => repository.PutBlobAsync(Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob))))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declined_mount_leaves_no_upload()
    {
        FakeRegistry fake = new FakeRegistry().On($"POST {Uploads}", _ => Status(202, "", ("Location", "id")));
        Assert.False(await fake.Repository().MountBlobAsync(Digest.OfSha256(Blob), "other"));
        Assert.Equal($"DELETE {Uploads}id", fake.Asked[^1]);
    }

    private static Task PutAsync(FakeRegistry fake) => fake.Repository().PutBlobAsync(
        Describe(Blob), _ => ValueTask.FromResult<Stream>(new MemoryStream(Blob)));

    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return Text("{}");
        }
    }
}
