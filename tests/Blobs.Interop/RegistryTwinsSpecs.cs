using System.Net;
using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Debian's docker-registry 2.8 and ours serve one store: in turns, and at the same time.</summary>
public sealed class RegistryTwinsSpecs
{
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";

    [Fact]
    public async Task Each_serves_what_the_other_wrote_after_pushes_to_each_in_turn()
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        for (int turn = 0; turn < 4; turn++)
        {
            await using RegistryProcess registry = turn % 2 == 0
                ? await RegistryProcess.OursAsync(temporary, store)
                : await RegistryProcess.ReferenceAsync(temporary, store);
            string format = turn < 2 ? "v2s2" : "oci";
            await Skopeo.CopyAsync(
                $"docker-archive:{Image(temporary, turn)}", $"docker://{registry.Address}/turn/{turn}:latest", "--format", format);
            await Skopeo.CopyAsync(
                $"docker-archive:{Image(temporary, turn)}", $"docker://{registry.Address}/shared:latest", "--format", format);
            for (int earlier = 0; earlier <= turn; earlier++)
            {
                await PullAsync(temporary, $"{registry.Address}/turn/{earlier}:latest", earlier);
            }

            await PullAsync(temporary, $"{registry.Address}/shared:latest", turn);
        }
    }

    [Fact]
    public async Task Both_at_once_see_every_push_of_the_other()
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        await using RegistryProcess ours = await RegistryProcess.OursAsync(temporary, store);
        await using RegistryProcess theirs = await RegistryProcess.ReferenceAsync(temporary, store);
        for (int turn = 0; turn < 4; turn++)
        {
            RegistryProcess writer = turn % 2 == 0 ? ours : theirs;
            await Skopeo.CopyAsync($"docker-archive:{Image(temporary, turn)}", $"docker://{writer.Address}/both:latest", "--format", "oci");
            byte[] seenHere = await ManifestAsync(ours);
            Assert.Equal(seenHere, await ManifestAsync(theirs));
            await PullAsync(temporary, $"{ours.Address}/both:latest", turn);
            await PullAsync(temporary, $"{theirs.Address}/both:latest", turn);
        }

        // And what one deletes is gone for the other.
        string digest = Sha256Text.Of(await ManifestAsync(ours));
        Assert.Equal(HttpStatusCode.Accepted, (await theirs.Client.DeleteAsync($"/v2/both/manifests/{digest}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Client.GetAsync("/v2/both/manifests/latest")).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_that_one_began_the_other_finishes(bool oursBegins)
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 50_000)));
        await using RegistryProcess ours = await RegistryProcess.OursAsync(temporary, store);
        await using RegistryProcess theirs = await RegistryProcess.ReferenceAsync(temporary, store);
        (RegistryProcess first, RegistryProcess second) = oursBegins ? (ours, theirs) : (theirs, ours);

        HttpResponseMessage begun = await first.Client.PostAsync("/v2/some/image/blobs/uploads/", null);
        string id = begun.Headers.GetValues("Docker-Upload-UUID").Single();
        HttpResponseMessage patched = await first.Client.PatchAsync(begun.Headers.Location, Bytes(content.AsSpan(0, 100_000)));
        Assert.Equal(HttpStatusCode.Accepted, patched.StatusCode);

        string startedAt = await File.ReadAllTextAsync(
            Path.Combine(store, "docker/registry/v2/repositories/some/image/_uploads", id, "startedat"));
        // Both keep the hash of what came: whoever read these bytes again would find another digest.
        await using (FileStream data = File.OpenWrite(
            Path.Combine(store, "docker/registry/v2/repositories/some/image/_uploads", id, "data")))
        {
            data.Write(new byte[1000]);
        }

        string digest = Sha256Text.Of(content);
        content.AsSpan(0, 1000).Clear();
        HttpResponseMessage status = await second.Client.GetAsync(oursBegins
            ? RegistryProcess.ReferenceLocation("some/image", id, 100_000, startedAt)
            : $"/v2/some/image/blobs/uploads/{id}");
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        Assert.Equal("0-99999", status.Headers.GetValues("Range").Single());
        string location = status.Headers.Location!.OriginalString;
        char separator = location.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        HttpResponseMessage put = await second.Client.PutAsync(
            $"{location}{separator}digest={digest}", Bytes(content.AsSpan(100_000)));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(content, await first.Client.GetByteArrayAsync($"/v2/some/image/blobs/{digest}"));
    }

    [Fact]
    public async Task The_reference_collects_garbage_in_our_store_and_we_in_its()
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        await using (RegistryProcess ours = await RegistryProcess.OursAsync(temporary, store))
        {
            for (int turn = 0; turn < 3; turn++)
            {
                await Skopeo.CopyAsync($"docker-archive:{Image(temporary, turn)}", $"docker://{ours.Address}/kept:{turn}", "--format", "oci");
                await Skopeo.CopyAsync($"docker-archive:{Image(temporary, turn + 3)}", $"docker://{ours.Address}/dropped:{turn}", "--format", "v2s2");
                string digest = Sha256Text.Of(await ours.Client.GetByteArrayAsync($"/v2/dropped/manifests/{turn}"));
                Assert.Equal(HttpStatusCode.Accepted, (await ours.Client.DeleteAsync($"/v2/dropped/manifests/{digest}")).StatusCode);
            }
        }

        string copy = temporary["copy"];
        await new Command("cp", "-a", store, copy).SucceedAsync();
        string settings = temporary["collect.yml"];
        await File.WriteAllTextAsync(settings, $"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {copy}}}}}\nhttp: {{addr: \"127.0.0.1:0\"}}\n");
        await new Command(Oracle.Need("docker-registry"), "garbage-collect", settings).SucceedAsync();
        string[] before = Blobs(store);
        CommandResult dry = await BlobsCommand.With("gc", "--store", store, "--min-age", "0", "--dry-run", "--json").SucceedAsync();
        Assert.Equal(before, Blobs(store));
        await BlobsCommand.With("gc", "--store", store, "--min-age", "0").SucceedAsync();
        Assert.Equal(Blobs(copy), Blobs(store));
        Assert.Equal(before.Length - Blobs(store).Length, dry.Json.GetProperty("blobs").GetArrayLength());

        await using RegistryProcess theirs = await RegistryProcess.ReferenceAsync(temporary, store);
        for (int turn = 0; turn < 3; turn++)
        {
            await PullAsync(temporary, $"{theirs.Address}/kept:{turn}", turn);
        }
    }

    // As BuildKit exports its cache with image-manifest=false; and documents that only one of the two reads.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_index_of_blobs_and_odd_documents_that_one_took_the_other_serves_and_keeps(bool oursTakes)
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary.Folder("store");
        await using RegistryProcess ours = await RegistryProcess.OursAsync(temporary, store);
        await using RegistryProcess theirs = await RegistryProcess.ReferenceAsync(temporary, store);
        RegistryProcess taker = oursTakes ? ours : theirs;
        byte[] layer = Encoding.ASCII.GetBytes("a layer");
        HttpResponseMessage begun = await taker.Client.PostAsync("/v2/cache/blobs/uploads/", null);
        string location = begun.Headers.Location!.OriginalString;
        char separator = location.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        HttpResponseMessage put = await taker.Client.PutAsync($"{location}{separator}digest={Sha256Text.Of(layer)}", Bytes(layer));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        string named = $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{Sha256Text.Of(layer)}}","size":7}""";
        string start = $$"""{"schemaVersion":2,"mediaType":"{{OciIndex}}","manifests":[{{named}}]""";
        var documents = new List<byte[]>
        {
            Encoding.ASCII.GetBytes($"{start}}}"),
            Encoding.ASCII.GetBytes($"{start},\"x\":{new string('[', 1000)}{new string(']', 1000)}}}"),
            Encoding.ASCII.GetBytes($"{start},\"layers\":null,\"annotations\":{{\"a\":null}}}}"),
        };
        if (!oursTakes)
        {
            documents.Add([.. Encoding.ASCII.GetBytes($"{start},\"annotations\":{{\"a\":\""), 0xFF, .. Encoding.ASCII.GetBytes("\"}}")]);
        }

        foreach (byte[] document in documents)
        {
            var content = new ByteArrayContent(document);
            content.Headers.TryAddWithoutValidation("Content-Type", OciIndex);
            HttpResponseMessage taken = await taker.Client.PutAsync("/v2/cache/manifests/latest", content);
            Assert.True(taken.StatusCode == HttpStatusCode.Created, await taken.Content.ReadAsStringAsync());
            foreach (RegistryProcess registry in (RegistryProcess[])[ours, theirs])
            {
                Assert.Equal(document, await ManifestAsync(registry, "cache", OciIndex));
            }
        }

        await theirs.StopAsync();
        await ours.StopAsync();
        await BlobsCommand.With("gc", "--store", store, "--min-age", "0").SucceedAsync();
        Assert.Contains(Sha256Text.Of(layer)["sha256:".Length..], Blobs(store));
        Assert.Equal(oursTakes ? 0 : 1, (await BlobsCommand.RunAsync("verify", "--store", store)).ExitCode);
    }

    private static ByteArrayContent Bytes(ReadOnlySpan<byte> bytes)
    {
        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
        return content;
    }

    private static async Task<byte[]> ManifestAsync(
        RegistryProcess registry, string repository = "both", string mediaType = "application/vnd.oci.image.manifest.v1+json")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository}/manifests/latest");
        request.Headers.TryAddWithoutValidation("Accept", mediaType);
        HttpResponseMessage response = await registry.Client.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    private static async Task PullAsync(TemporaryRoot temporary, string image, int number)
    {
        string layout = temporary[$"layout-{Guid.NewGuid():n}"];
        await Skopeo.CopyAsync($"docker://{image}", $"oci:{layout}:x");
        Assert.Equal([Sha256Text.OfFile(LayerOf(temporary, number))], await Skopeo.DiffIdsAsync($"oci:{layout}:x"));
        Directory.Delete(layout, recursive: true);
    }

    private static string[] Blobs(string store) =>
        [.. Directory.GetFiles(Path.Combine(store, "docker/registry/v2/blobs"), "data", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)).Order(StringComparer.Ordinal)];

    private static string LayerOf(TemporaryRoot temporary, int number)
    {
        string layer = temporary[$"layer-{number}.tar"];
        if (!File.Exists(layer))
        {
            File.WriteAllBytes(layer, new TarBuilder()
                .Add(new TarMember($"file-{number}") { Content = Encoding.ASCII.GetBytes($"content {number}") }).ToArray());
        }

        return layer;
    }

    private static string Image(TemporaryRoot temporary, int number)
    {
        string archive = temporary[$"image-{number}.tar"];
        if (!File.Exists(archive))
        {
            DockerArchive.Write(archive, "twin:latest", [LayerOf(temporary, number)], "/bin/sh");
        }

        return archive;
    }
}
