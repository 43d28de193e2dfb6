using System.Globalization;
using System.Net;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>
/// The server is killed at random points of pushes. After a restart nothing that is served is wrong, every upload can be gone on with or
/// is gone, and the same push works. <c>BLOBS_INTEROP_KILLS</c> says how often; a few times when nobody says.
/// </summary>
public sealed class RegistryFaultSpecs(ITestOutputHelper output)
{
    private const int KillsUsually = 15;
    private const int BlobCount = 6;
    private const int BlobBytes = 3 << 20;
    private const int LongestMs = 120;

    [Fact]
    public async Task Nothing_is_wrong_after_the_server_was_killed_in_the_middle_of_pushes()
    {
        int kills = Effort.Of("BLOBS_INTEROP_KILLS", KillsUsually);
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        var random = new Random(kills);
        int cutOff = 0;
        int resumed = 0;
        for (int round = 0; round < kills; round++)
        {
            byte[][] blobs = [.. Enumerable.Range(0, BlobCount).Select(_ => RandomBytes(random))];
            byte[] manifest = ManifestOf(blobs);
            string[] locations;
            await using (RegistryProcess doomed = await RegistryProcess.OursAsync(temporary, store, "--quiet"))
            {
                Task<string[]> push = PushAsync(doomed.Client, blobs, manifest, round);
                await Task.WhenAny(push, Task.Delay(random.Next(LongestMs)));
                await doomed.KillAsync();
                locations = await push;
                cutOff += locations.Length;
            }

            await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, store, "--quiet");
            await CheckServedAsync(registry.Client, blobs, manifest, round);
            foreach ((string location, byte[] blob) in locations.Zip(blobs))
            {
                resumed += await ResumeAsync(registry.Client, location, blob) ? 1 : 0;
            }

            Assert.Empty(await PushAsync(registry.Client, blobs, manifest, round));
            await ExpectAsync(registry.Client, blobs, manifest, round);
        }

        output.WriteLine($"{kills} kills, {cutOff} pushes of a blob cut off, {resumed} of them gone on with");
        await AuditAsync(store);
    }

    [Fact]
    public async Task The_reference_serves_what_is_left_after_kills()
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        var random = new Random(1);
        byte[][] blobs = [.. Enumerable.Range(0, BlobCount).Select(_ => RandomBytes(random))];
        byte[] manifest = ManifestOf(blobs);
        for (int round = 0; round < 3; round++)
        {
            await using RegistryProcess doomed = await RegistryProcess.OursAsync(temporary, store, "--quiet");
            Task<string[]> push = PushAsync(doomed.Client, blobs, manifest, round);
            await Task.Delay(random.Next(LongestMs));
            await doomed.KillAsync();
            await push;
        }

        await using (RegistryProcess ours = await RegistryProcess.OursAsync(temporary, store))
        {
            Assert.Empty(await PushAsync(ours.Client, blobs, manifest, 3));
        }

        await using RegistryProcess theirs = await RegistryProcess.ReferenceAsync(temporary, store);
        foreach (byte[] blob in blobs)
        {
            Assert.Equal(blob, await theirs.Client.GetByteArrayAsync($"/v2/some/image/blobs/{Sha256Text.Of(blob)}"));
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(1, BlobBytes)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] ManifestOf(byte[][] blobs)
    {
        string[] descriptors = [.. blobs.Select(blob =>
            $$"""{"mediaType":"application/octet-stream","digest":"{{Sha256Text.Of(blob)}}","size":{{blob.Length}}}""")];
        return System.Text.Encoding.ASCII.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{descriptors[0]}},"layers":[{{string.Join(",", descriptors[1..])}}]}
            """);
    }

    /// <summary>All blobs at once, then the manifest under two tags; returns where the uploads of blobs are that did not come through, one a
    /// blob in their order, or nothing when everything did.</summary>
    private static async Task<string[]> PushAsync(HttpClient client, byte[][] blobs, byte[] manifest, int round)
    {
        var locations = new string[blobs.Length];
        try
        {
            await Task.WhenAll(blobs.Select(async (blob, index) =>
            {
                locations[index] = "";
                HttpResponseMessage begun = await client.PostAsync("/v2/some/image/blobs/uploads/", null);
                locations[index] = begun.EnsureSuccessStatusCode().Headers.Location!.OriginalString;
                using var body = new StreamContent(new MemoryStream(blob));
                var request = new HttpRequestMessage(HttpMethod.Patch, locations[index]) { Content = body };
                request.Headers.TransferEncodingChunked = true;
                (await client.SendAsync(request)).EnsureSuccessStatusCode();
                string digest = Sha256Text.Of(blob);
                (await client.PutAsync($"{locations[index]}?digest={digest}", null)).EnsureSuccessStatusCode();
            }));
            foreach (string tag in new[] { "latest", Tag(round) })
            {
                using var document = new ByteArrayContent(manifest);
                document.Headers.TryAddWithoutValidation("Content-Type", "application/vnd.oci.image.manifest.v1+json");
                (await client.PutAsync($"/v2/some/image/manifests/{tag}", document)).EnsureSuccessStatusCode();
            }

            return [];
        }
        catch (HttpRequestException fault) when (fault.StatusCode is null)
        {
            return locations;
        }
    }

    // Whatever is there is right: a blob is whole, a tag means a manifest whose every blob is there.
    private static async Task CheckServedAsync(HttpClient client, byte[][] blobs, byte[] manifest, int round)
    {
        foreach (byte[] blob in blobs)
        {
            HttpResponseMessage response = await client.GetAsync($"/v2/some/image/blobs/{Sha256Text.Of(blob)}");
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{response.StatusCode}");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                Assert.Equal(blob, await response.Content.ReadAsByteArrayAsync());
            }
        }

        HttpResponseMessage tagged = await client.GetAsync($"/v2/some/image/manifests/{Tag(round)}");
        Assert.True(tagged.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{tagged.StatusCode}");
        if (tagged.StatusCode == HttpStatusCode.OK)
        {
            await ExpectAsync(client, blobs, manifest, round);
        }

        HttpResponseMessage tags = await client.GetAsync("/v2/some/image/tags/list");
        if (tags.StatusCode == HttpStatusCode.OK)
        {
            using var list = System.Text.Json.JsonDocument.Parse(await tags.Content.ReadAsByteArrayAsync());
            foreach (System.Text.Json.JsonElement tag in list.RootElement.GetProperty("tags").EnumerateArray())
            {
                HttpResponseMessage meant = await client.GetAsync($"/v2/some/image/manifests/{tag.GetString()}");
                Assert.Equal(HttpStatusCode.OK, meant.StatusCode);
            }
        }
    }

    private static async Task ExpectAsync(HttpClient client, byte[][] blobs, byte[] manifest, int round)
    {
        Assert.Equal(manifest, await client.GetByteArrayAsync($"/v2/some/image/manifests/{Tag(round)}"));
        foreach (byte[] blob in blobs)
        {
            Assert.Equal(blob, await client.GetByteArrayAsync($"/v2/some/image/blobs/{Sha256Text.Of(blob)}"));
        }
    }

    /// <summary>Goes on with an upload where it says that it is; false when it is gone.</summary>
    private static async Task<bool> ResumeAsync(HttpClient client, string location, byte[] blob)
    {
        if (location.Length == 0)
        {
            return false;
        }

        HttpResponseMessage status = await client.GetAsync(location);
        if (status.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        // Nothing and one byte look alike in a range: the reference registry's form.
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        long last = long.Parse(status.Headers.GetValues("Range").Single().Split('-')[1], CultureInfo.InvariantCulture);
        int length = last == 0 ? 0 : (int)last + 1;
        using var rest = new ByteArrayContent(blob[length..]);
        HttpResponseMessage put = await client.PutAsync($"{location}?digest={Sha256Text.Of(blob)}", rest);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        return true;
    }

    // Whatever has the name of a digest has the bytes of it.
    private static async Task AuditAsync(string store)
    {
        string folder = Path.Combine(store, "docker/registry/v2/blobs");
        foreach (string path in Directory.GetFiles(folder, "data", SearchOption.AllDirectories))
        {
            string expected = $"sha256:{Path.GetFileName(Path.GetDirectoryName(path))}";
            Assert.Equal(expected, Sha256Text.Of(await File.ReadAllBytesAsync(path)));
        }
    }

    private static string Tag(int round) => string.Create(CultureInfo.InvariantCulture, $"round-{round}");
}
