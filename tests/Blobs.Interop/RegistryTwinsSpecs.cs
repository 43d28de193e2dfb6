using System.Net;
using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Debian's docker-registry 2.8 and ours serve one store: in turns, and at the same time.</summary>
public sealed class RegistryTwinsSpecs
{
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
        HttpResponseMessage status = await second.Client.GetAsync(oursBegins
            ? RegistryProcess.ReferenceLocation("some/image", id, 100_000, startedAt)
            : $"/v2/some/image/blobs/uploads/{id}");
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        Assert.Equal("0-99999", status.Headers.GetValues("Range").Single());
        string location = status.Headers.Location!.OriginalString;
        char separator = location.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        HttpResponseMessage put = await second.Client.PutAsync(
            $"{location}{separator}digest={Sha256Text.Of(content)}", Bytes(content.AsSpan(100_000)));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.Equal(content, await first.Client.GetByteArrayAsync($"/v2/some/image/blobs/{Sha256Text.Of(content)}"));
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
        CommandResult dry = await BlobsCommand.With("gc", "--store", store, "--dry-run", "--json").SucceedAsync();
        Assert.Equal(before, Blobs(store));
        await BlobsCommand.With("gc", "--store", store).SucceedAsync();
        Assert.Equal(Blobs(copy), Blobs(store));
        Assert.Equal(before.Length - Blobs(store).Length, dry.Json.GetProperty("blobs").GetArrayLength());

        await using RegistryProcess theirs = await RegistryProcess.ReferenceAsync(temporary, store);
        for (int turn = 0; turn < 3; turn++)
        {
            await PullAsync(temporary, $"{theirs.Address}/kept:{turn}", turn);
        }
    }

    private static ByteArrayContent Bytes(ReadOnlySpan<byte> bytes)
    {
        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
        return content;
    }

    private static async Task<byte[]> ManifestAsync(RegistryProcess registry)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v2/both/manifests/latest");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.oci.image.manifest.v1+json");
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
