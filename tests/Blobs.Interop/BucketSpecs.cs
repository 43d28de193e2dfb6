using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Testing;

namespace Blobs.Interop;

/// <summary>A registry in a bucket of Ceph's radosgw: beside docker-registry's s3 driver, with a store that is away, and under many
/// pushes.</summary>
public sealed class BucketSpecs
{
    private readonly string _prefix = Radosgw.NewPrefix();

    [Fact]
    public async Task Each_serves_what_the_other_wrote_into_the_bucket()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess ours = await RegistryProcess.OursInBucketAsync(temporary, _prefix);
        await using RegistryProcess theirs = await RegistryProcess.ReferenceInBucketAsync(temporary, _prefix);
        for (int turn = 0; turn < 2; turn++)
        {
            (RegistryProcess writer, RegistryProcess reader) = turn == 0 ? (ours, theirs) : (theirs, ours);
            string image = Image(temporary, turn);
            await Skopeo.CopyAsync($"docker-archive:{image}", $"docker://{writer.Address}/turn/{turn}:v1", "--format", "oci");
            await Skopeo.CopyAsync($"docker-archive:{image}", $"docker://{writer.Address}/shared:latest", "--format", "oci");
            foreach (string name in (string[])[$"turn/{turn}:v1", "shared:latest"])
            {
                await Skopeo.CopyAsync($"docker://{reader.Address}/{name}", $"dir:{temporary[$"pulled-{turn}-{name.Length}"]}");
            }

            string digest = Sha256Text.Of(await ManifestAsync(writer, "shared"));
            Assert.Equal(digest, Sha256Text.Of(await ManifestAsync(reader, "shared")));
        }

        Assert.Equal(await theirs.Client.GetStringAsync("/v2/_catalog"), await ours.Client.GetStringAsync("/v2/_catalog"));
        await BlobsCommand.With(["verify", "--store", Store, "--s3-endpoint", Radosgw.Endpoint]).SucceedAsync();
    }

    [Fact]
    public async Task A_pull_may_be_redirected_to_the_bucket()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess ours = await RegistryProcess.OursInBucketAsync(temporary, _prefix, "--redirect");
        await Skopeo.CopyAsync($"docker-archive:{Image(temporary, 0)}", $"docker://{ours.Address}/app:1", "--format", "oci");
        await Skopeo.CopyAsync($"docker://{ours.Address}/app:1", $"dir:{temporary["pulled"]}");
        byte[] manifest = await ManifestAsync(ours, "app", "1");
        string digest = System.Text.Json.JsonDocument.Parse(manifest).RootElement.GetProperty("config").GetProperty("digest").GetString()!;
        HttpResponseMessage answer = await ours.Client.GetAsync($"/v2/app/blobs/{digest}");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        using var anybody = new HttpClient();
        Assert.Equal(digest, Sha256Text.Of(await anybody.GetByteArrayAsync(answer.Headers.Location)));
    }

    [Fact]
    public async Task Wrong_credentials_and_a_missing_bucket_are_one_line()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        string[] serve = ["serve", "--s3-endpoint", Radosgw.Endpoint, "--listen", "127.0.0.1:0", "--store"];
        Command wrong = BlobsCommand.With([.. serve, Store]) with
        {
            Environment = new Dictionary<string, string> { ["AWS_SECRET_ACCESS_KEY"] = "wrong" },
        };
        Assert.Contains(
            "the secret key does not belong to the access key", (await wrong.RunAsync()).ExpectRefusal(), StringComparison.Ordinal);
        Assert.Contains(
            "there is no such bucket",
            (await BlobsCommand.RunAsync([.. serve, "s3://nothing-here"])).ExpectRefusal(),
            StringComparison.Ordinal);
        Command none = BlobsCommand.With([.. serve, Store]) with
        {
            Environment = new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = "",
                ["AWS_SECRET_ACCESS_KEY"] = "",
                ["AWS_EC2_METADATA_DISABLED"] = "true",
                ["HOME"] = temporary.Folder("home"),
            },
        };
        Assert.Contains("no credentials found", (await none.RunAsync()).ExpectRefusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://", "is not s3://BUCKET")]
    [InlineData("/srv/registry", "--s3-region needs --store s3://BUCKET")]
    public async Task A_store_that_makes_no_sense_is_wrong_usage(string store, string reason)
    {
        CommandResult result = await BlobsCommand.RunAsync("serve", "--store", store, "--s3-region", "here");
        Assert.Contains(reason, result.Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_at_the_start_is_waited_for()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        int port = FreePort.Find();
        var radosgw = new Uri(Radosgw.Endpoint);
        await using RegistryProcess ours = await RegistryProcess.OursAsync(
            temporary, Store, "--s3-endpoint", $"http://127.0.0.1:{port}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ours.Client.GetAsync("/readyz")).StatusCode);
        HttpResponseMessage answer = await ours.Client.GetAsync("/v2/app/manifests/1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);

        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        using var stop = new CancellationTokenSource();
        Task forwarding = ForwardAsync(listener, radosgw, stop.Token);
        while ((await ours.Client.GetAsync("/readyz")).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(100);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await ours.Client.GetAsync("/v2/app/manifests/1")).StatusCode);
        await stop.CancelAsync();
        await forwarding;
    }

    [Fact]
    public async Task Many_pushes_at_once_take_no_more_memory_than_they_may()
    {
        const int Pushes = 32;
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess ours = await RegistryProcess.OursInBucketAsync(temporary, _prefix);
        int length = Effort.Of("BLOBS_PUSH_MIB", 16) << 20;
        await Task.WhenAll(Enumerable.Range(0, Pushes).Select(number => Task.Run(async () =>
        {
            var content = new byte[length];
            new Random(number).NextBytes(content);
            await PushAsync(ours, content, Sha256Text.Of(content));
        })));
        string peak = File.ReadLines($"/proc/{ours.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        long kilobytes = long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        Assert.True(kilobytes < 300_000, peak);
    }

    private string Store => $"s3://{Radosgw.Bucket}/{_prefix}";

    private static string Image(TemporaryRoot temporary, int number)
    {
        string layer = temporary[$"layer-{number}.tar"];
        File.WriteAllBytes(layer, new TarBuilder()
            .Add(new TarMember($"file-{number}") { Content = Encoding.ASCII.GetBytes($"content {number}") }).ToArray());
        string archive = temporary[$"image-{number}.tar"];
        DockerArchive.Write(archive, "bucket:latest", [layer], "/bin/sh");
        return archive;
    }

    private static Task<byte[]> ManifestAsync(RegistryProcess registry, string repository, string tag = "latest")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository}/manifests/{tag}");
        request.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        return SendAsync();

        async Task<byte[]> SendAsync()
        {
            using HttpResponseMessage answer = await registry.Client.SendAsync(request);
            return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        }
    }

    // As docker does: POST, PATCH, PUT.
    private static async Task PushAsync(RegistryProcess registry, byte[] content, string digest)
    {
        HttpResponseMessage begun = await registry.Client.PostAsync("/v2/many/blobs/uploads/", null);
        HttpResponseMessage sent = await registry.Client.PatchAsync(begun.Headers.Location, new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.Accepted, sent.StatusCode);
        HttpResponseMessage put = await registry.Client.PutAsync($"{sent.Headers.Location}?digest={digest}", null);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    private static async Task ForwardAsync(TcpListener listener, Uri target, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(cancellationToken);
                _ = Task.Run(async () =>
                {
                    using TcpClient from = client, to = new(target.Host, target.Port);
                    Task there = from.GetStream().CopyToAsync(to.GetStream(), cancellationToken);
                    Task back = to.GetStream().CopyToAsync(from.GetStream(), cancellationToken);
                    await (await Task.WhenAny(there, back)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            listener.Stop();
        }
    }
}
