using System.Net;
using Amazon.Runtime;
using Blobs.Registry.Tests.Testing;
using Blobs.Storage.S3;
using Blobs.Testing;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry.Tests;

/// <summary>A bucket behind a network that delays requests, cuts answers off and says that it is busy: what was acknowledged is
/// there and right, and nothing is "not found" that was only out of reach.</summary>
public sealed class BucketFaultTests
{
    private static readonly int Pushes =
        int.TryParse(Environment.GetEnvironmentVariable("BLOBS_BUCKET_FAULTS"), out int count) ? count : 12;

    private readonly Random _random = new(4711);
    private readonly string _prefix = Radosgw.NewPrefix();

    [Fact]
    public async Task What_was_acknowledged_is_there_whatever_the_network_does()
    {
        Radosgw.Need();
        await using var network = new RoundRobin([new Uri(Radosgw.Endpoint)], FaultOf);
        await network.StartAsync();
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.UseS3(Options(network.Address)));
        var pushed = new List<(byte[] Content, string Digest)>();
        for (int number = 0; number < Pushes; number++)
        {
            var content = new byte[_random.Next(3) switch { 0 => 1000, 1 => 100_000, _ => 18 << 20 }];
            _random.NextBytes(content);
            string digest = Content.Digest(content);
            await UntilAsync(() => PushAsync(server.Client, content, digest));
            pushed.Add((content, digest));
        }

        foreach ((byte[] content, string digest) in pushed)
        {
            await UntilAsync(() => PullAsync(server.Client, content, digest));
        }
    }

    private S3StorageOptions Options(Uri endpoint) => new()
    {
        Bucket = Radosgw.Bucket,
        Prefix = _prefix,
        Endpoint = endpoint,
        Credentials = new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
    };

    // A client begins again when it is told to, or when the connection breaks.
    private static async Task UntilAsync(Func<Task<bool>> attempt)
    {
        while (!await attempt())
        {
            await Task.Delay(10);
        }
    }

    private static async Task<bool> PushAsync(HttpClient client, byte[] content, string digest)
    {
        HttpResponseMessage begun = await client.CallAsync("POST", "/v2/foo/bar/blobs/uploads/");
        if (!IsDone(begun, HttpStatusCode.Accepted))
        {
            return false;
        }

        string location = begun.Headers.Location!.OriginalString;
        HttpResponseMessage sent = await client.CallAsync("PATCH", location, content);
        return IsDone(sent, HttpStatusCode.Accepted)
            && IsDone(await client.CallAsync("PUT", $"{location}?digest={digest}", []), HttpStatusCode.Created);
    }

    private static async Task<bool> PullAsync(HttpClient client, byte[] content, string digest)
    {
        try
        {
            HttpResponseMessage answer = await client.CallAsync("GET", $"/v2/foo/bar/blobs/{digest}");
            if (!IsDone(answer, HttpStatusCode.OK))
            {
                return false;
            }

            Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync());
            return true;
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            return false;
        }
    }

    private static bool IsDone(HttpResponseMessage answer, HttpStatusCode expected)
    {
        bool isLater = answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests;
        Assert.True(isLater || answer.StatusCode == expected, $"{answer.RequestMessage}: {answer.StatusCode}");
        return !isLater;
    }

    private NetworkFault? FaultOf(HttpRequest request)
    {
        lock (_random)
        {
            return _random.Next(24) switch
            {
                0 => new NetworkFault(Delay: TimeSpan.FromMilliseconds(_random.Next(100))),
                1 => new NetworkFault(Status: StatusCodes.Status503ServiceUnavailable),
                2 => new NetworkFault(CutAt: -1),
                3 => new NetworkFault(CutAt: _random.Next(100_000)),
                _ => null,
            };
        }
    }
}
