using System.Globalization;
using System.Text;
using Blobs.Interop.Oracles;
using Blobs.Testing;
using Microsoft.AspNetCore.Http;

namespace Blobs.Interop;

/// <summary>
/// Hosts are killed at random points of pushes, answers are cut off, the storage is slow or busy. A client that repeats
/// what failed always ends with a right image. <c>BLOBS_INTEROP_HOST_KILLS</c> says how many hosts are killed; a few when
/// nobody says.
/// </summary>
public sealed class HostFaultSpecs(ITestOutputHelper output)
{
    private const int KillsUsually = 5;
    private const int BlobBytesMax = 7 << 20;
    private const int LongestMs = 250;

    [Theory]
    [InlineData("directory")]
    [InlineData("bucket")]
    public async Task A_client_that_repeats_ends_with_a_right_image_whichever_hosts_are_killed(string place)
    {
        int kills = Effort.Of("BLOBS_INTEROP_HOST_KILLS", KillsUsually);
        await using var temporary = new TemporaryRoot();
        await using HostGroup hosts = await HostGroup.StartOnAsync(place, temporary);
        var random = new Random(kills);
        int repeats = 0;
        for (int round = 0; round < kills; round++)
        {
            byte[][] blobs = [.. Enumerable.Range(0, 4).Select(_ => RandomBytes(random))];
            byte[] manifest = ManifestOf(blobs);
            var client = new PatientClient(hosts.Client, "some/image", new Random(round));
            Task push = client.PushAsync(blobs, manifest, $"round-{round}");
            await Task.WhenAny(push, Task.Delay(random.Next(LongestMs)));
            int doomed = random.Next(hosts.Count);
            await hosts.KillAsync(doomed);
            await Task.WhenAll(push, hosts.ReplaceAsync(doomed));
            await ExpectAsync(client, blobs, manifest, round);
            repeats += client.Repeats;
        }

        output.WriteLine($"{kills} kills, {repeats} repeats");
    }

    [Fact]
    public async Task A_client_that_repeats_ends_with_a_right_image_although_answers_are_cut_off()
    {
        await using var temporary = new TemporaryRoot();
        var random = new Random(1);
        await using HostGroup hosts = await HostGroup.StartAsync(
            temporary, temporary.Folder("store"), _ => FaultOfNetwork(random));
        await PushAndExpectAsync(hosts, random, rounds: 6);
    }

    [Fact]
    public async Task A_client_that_repeats_ends_with_a_right_image_although_the_bucket_fails()
    {
        Radosgw.Need();
        await using var temporary = new TemporaryRoot();
        var random = new Random(2);
        int faults = 0;
        bool isSick = false;
        await using var between = new RoundRobin([new Uri(Radosgw.Endpoint)], _ =>
        {
            NetworkFault? fault = isSick ? FaultOfStore(random) : null;
            faults += fault is null ? 0 : 1;
            return fault;
        });
        await between.StartAsync();
        await using HostGroup hosts = await HostGroup.StartInBucketAsync(temporary, between.Address);
        isSick = true;
        await PushAndExpectAsync(hosts, random, rounds: 2);
        output.WriteLine($"{faults} faults of the store");
    }

    private async Task PushAndExpectAsync(HostGroup hosts, Random random, int rounds)
    {
        int repeats = 0;
        for (int round = 0; round < rounds; round++)
        {
            byte[][] blobs = [.. Enumerable.Range(0, 4).Select(_ => RandomBytes(random))];
            byte[] manifest = ManifestOf(blobs);
            var client = new PatientClient(hosts.Client, "some/image", new Random(round));
            await client.PushAsync(blobs, manifest, $"round-{round}");
            await ExpectAsync(client, blobs, manifest, round);
            repeats += client.Repeats;
        }

        output.WriteLine($"{rounds} pushes, {repeats} repeats");
    }

    private static NetworkFault? FaultOfNetwork(Random random)
    {
        lock (random)
        {
            return random.Next(12) switch
            {
                0 => new NetworkFault(CutAt: -1),
                1 => new NetworkFault(CutAt: random.Next(1000)),
                2 => new NetworkFault(Delay: TimeSpan.FromMilliseconds(random.Next(100))),
                _ => null,
            };
        }
    }

    // 503 is what an object store says with SlowDown.
    private static NetworkFault? FaultOfStore(Random random)
    {
        lock (random)
        {
            return random.Next(20) switch
            {
                0 => new NetworkFault(Status: StatusCodes.Status503ServiceUnavailable),
                1 => new NetworkFault(CutAt: -1),
                2 => new NetworkFault(CutAt: random.Next(100_000)),
                3 => new NetworkFault(Delay: TimeSpan.FromMilliseconds(random.Next(100))),
                _ => null,
            };
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        lock (random)
        {
            var bytes = new byte[random.Next(2, BlobBytesMax)];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    private static byte[] ManifestOf(byte[][] blobs)
    {
        string[] descriptors = [.. blobs.Select(blob => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"mediaType":"application/octet-stream","digest":"{{Sha256Text.Of(blob)}}","size":{{blob.Length}}}"""))];
        const string Type = "application/vnd.oci.image.manifest.v1+json";
        return Encoding.ASCII.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{Type}}","config":{{descriptors[0]}},"layers":[{{string.Join(",", descriptors[1..])}}]}""");
    }

    private static async Task ExpectAsync(PatientClient client, byte[][] blobs, byte[] manifest, int round)
    {
        Assert.Equal(manifest, await client.ReadAsync($"manifests/round-{round}"));
        foreach (byte[] blob in blobs)
        {
            Assert.Equal(blob, await client.ReadAsync($"blobs/{Sha256Text.Of(blob)}"));
        }
    }
}
