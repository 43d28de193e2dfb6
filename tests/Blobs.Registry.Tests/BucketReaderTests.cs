using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Registry.Tests.Testing;
using Blobs.Storage.S3;
using Blobs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Blobs.Registry.Tests;

/// <summary>A pull of a blob that stays needed is not cut, whatever others do meanwhile. Ceph deletes the bytes of an object
/// that was replaced some ten seconds later, and cuts off whoever still reads them.</summary>
public sealed class BucketReaderTests
{
    private const int BlobBytes = 64 << 20;
    private const int Pieces = 64;

    // All pieces together take longer than Ceph keeps what was replaced.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(350);

    [Fact]
    public async Task A_slow_pull_is_not_cut_while_the_blob_is_pushed_again_and_garbage_collected()
    {
        Radosgw.Need();
        var bucket = new S3StorageOptions
        {
            Bucket = Radosgw.Bucket,
            Prefix = Radosgw.NewPrefix(),
            Endpoint = new Uri(Radosgw.Endpoint),
            Credentials = new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
        };
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.UseS3(bucket), hosts: 1);
        byte[] blob = Content.Random(BlobBytes), second = Content.Random(BlobBytes, seed: 2);
        foreach (byte[] content in (byte[][])[blob, second, Content.Config])
        {
            await server.Client.PushBlobAsync(content);
        }

        Assert.Equal(HttpStatusCode.Created, (await server.Client.PutManifestAsync("1", Content.Manifest([blob, second]))).StatusCode);
        string garbage = await server.Client.PushBlobAsync([1]);

        // One pull meets everything that clients can do. Of the other's blob, a host that began before writes it once more.
        Task<string> first = PullSlowlyAsync(server, Content.Digest(blob), async () =>
        {
            await server.Client.PushBlobAsync(blob, "foo/other");
            string path = $"/v2/foo/more/blobs/uploads/?digest={Content.Digest(blob)}";
            Assert.Equal(HttpStatusCode.Created, (await server.Client.CallAsync("POST", path, blob)).StatusCode);
            CollectionReport report = await new RegistryCollector(server.Services.GetRequiredService<IRegistryStorage>())
                .RunAsync(new CollectionOptions { MinimumAge = TimeSpan.Zero });
            Assert.Equal(1, report.Blobs);
        });
        Task<string> other = PullSlowlyAsync(server, Content.Digest(second), async () =>
        {
            using var client = new S3Client(bucket);
            using var bytes = new MemoryStream(second);
            await client.WriteAsync(new S3Keys(bucket.Prefix).Blob(Digest.OfSha256(second)), bytes, default);
        });
        Assert.Equal(Content.Digest(blob), await first);
        Assert.Equal(Content.Digest(second), await other);
        await (await server.Client.GetAsync($"/v2/foo/bar/blobs/{garbage}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
    }

    // Reads a megabyte, does what is to be done meanwhile, and reads on, a megabyte at a time. Returns the digest of it all.
    private static async Task<string> PullSlowlyAsync(RegistryServer server, string digest, Func<Task> meanwhile)
    {
        using var client = new TcpClient { ReceiveBufferSize = 64 << 10 };
        await client.ConnectAsync(server.Address);
        NetworkStream stream = client.GetStream();
        string request = $"GET /v2/foo/bar/blobs/{digest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        await SkipHeadersAsync(stream);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[BlobBytes / Pieces];
        for (int i = 0; i < Pieces; i++)
        {
            await stream.ReadExactlyAsync(piece);
            hash.AppendData(piece);
            await (i == 0 ? meanwhile() : Task.Delay(Pause));
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static async Task SkipHeadersAsync(NetworkStream stream)
    {
        var one = new byte[1];
        for (string end = ""; !end.EndsWith("\r\n\r\n", StringComparison.Ordinal);)
        {
            await stream.ReadExactlyAsync(one);
            end = $"{(end.Length > 3 ? end[^3..] : end)}{(char)one[0]}";
        }
    }
}
