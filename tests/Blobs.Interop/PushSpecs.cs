using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Images that we pushed to the reference registry, pulled by other programs; and pushes beside the engine's own.</summary>
[Collection(EngineCollection.Name)]
public sealed class PushSpecs
{
    [Fact]
    public async Task An_engine_pulls_and_runs_what_I_pushed()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = await LoadAsync(temporary, $"{registry.Host}/team/app:1");
        JsonElement pushed = await PushAsync($"{registry.Host}/team/app:1", temporary["root"]);
        Assert.Equal(4, pushed.GetProperty("sentLayers").GetInt32());

        await using Dockerd engine = await Dockerd.StartAsync(temporary, temporary["theirs"]);
        string talk = await engine.RunAsync("pull", $"{registry.Host}/team/app:1");
        Assert.Contains(pushed.GetProperty("digest").GetString()!, talk, StringComparison.Ordinal);
        Assert.Equal($"{image.Id}\n", await engine.RunAsync("images", "--no-trunc", "--quiet"));
        Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", $"{registry.Host}/team/app:1"));
    }

    [Theory]
    [InlineData("oci", "gzip")]
    [InlineData("oci", "zstd")]
    [InlineData("oci", "none")]
    [InlineData("docker", "gzip")]
    [InlineData("docker", "none")]
    public async Task Skopeo_copies_what_I_pushed(string format, string compression)
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        string name = $"{registry.Host}/team/app:1";
        TestImage image = await LoadAsync(temporary, name);
        await PushAsync(name, temporary["root"], "--format", format, "--compression", compression);
        JsonElement manifest = (await Skopeo.InspectAsync($"docker://{name}", "--raw")).Json;
        string type = manifest.GetProperty("layers")[0].GetProperty("mediaType").GetString()!;
        Assert.StartsWith(format == "oci" ? "application/vnd.oci" : "application/vnd.docker", type, StringComparison.Ordinal);
        Assert.EndsWith(compression == "none" ? "tar" : compression, type, StringComparison.Ordinal);
        await Skopeo.CopyAsync($"docker://{name}", $"dir:{temporary["copied"]}", "--dest-decompress");
        Assert.All(image.DiffIds, diffId => Assert.Equal(diffId, Sha256Text.OfFile(temporary[$"copied/{diffId["sha256:".Length..]}"])));
    }

    [Fact]
    public async Task A_push_leaves_what_the_engines_push_leaves()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string source = $"{registry.Host}/team/app:1";
        string target = $"{registry.Host}/team/copy:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{source}");

        // Both have the same notes and find the same blobs; so the documents are the same, and the notes afterwards.
        string digest;
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, temporary["theirs"]))
        {
            await engine.RunAsync("pull", source);
            await engine.RunAsync("tag", source, target);
            Assert.Contains("Mounted from team/app", await engine.RunAsync("push", target), StringComparison.Ordinal);
            digest = (await Skopeo.InspectAsync($"docker://{target}")).Json.GetProperty("Digest").GetString()!;
        }

        Directory.Delete(Path.Combine(registry.Store, "docker", "registry", "v2", "repositories", "team", "copy"), recursive: true);
        await BlobsCommand.With("pull", source, "--root", temporary["root"], "--quiet").SucceedAsync();
        await BlobsCommand.With("tag", source, target, "--root", temporary["root"]).SucceedAsync();
        CommandResult pushing = await BlobsCommand.With("push", target, "--root", temporary["root"]).SucceedAsync();
        Assert.Equal(4, pushing.Talk.Count(line => line.EndsWith("Mounted from another repository", StringComparison.Ordinal)));
        Assert.Equal(digest, (await Skopeo.InspectAsync($"docker://{target}")).Json.GetProperty("Digest").GetString());
        Assert.Equal(Notes(temporary["theirs"]), Notes(temporary["root"]));
    }

    [Fact]
    public async Task What_the_registry_has_is_not_sent_again_by_us_or_by_the_engine()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        string name = $"{registry.Host}/team/app:1";
        await LoadAsync(temporary, name);
        JsonElement first = await PushAsync(name, temporary["root"]);
        JsonElement second = await PushAsync(name, temporary["root"]);
        Assert.Equal(0, second.GetProperty("sentLayers").GetInt32());
        Assert.Equal(first.GetProperty("digest").GetString(), second.GetProperty("digest").GetString());
        await using Dockerd engine = await Dockerd.StartAsync(temporary, temporary["root"]);
        string push = await engine.RunAsync("push", name);
        Assert.Contains($"digest: {first.GetProperty("digest").GetString()}", push, StringComparison.Ordinal);
        Assert.DoesNotContain("Pushed", push, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v2s2", "gzip")]
    [InlineData("oci", "zstd")]
    public async Task A_kept_image_keeps_its_digest_in_another_registry(string format, string compression)
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry first = await DockerRegistry.StartAsync(temporary);
        await using DockerRegistry second = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string source = $"{first.Host}/app:1";
        string target = $"{second.Host}/elsewhere/app:1";
        await Skopeo.CopyAsync(
            $"docker-archive:{image.Archive}", $"docker://{source}", "--format", format, "--dest-compress-format", compression);
        JsonElement pulled =
            (await BlobsCommand.With("pull", source, "--root", temporary["root"], "--keep-blob", "--json").SucceedAsync()).Json;
        await BlobsCommand.With("tag", source, target, "--root", temporary["root"]).SucceedAsync();
        JsonElement pushed = await PushAsync(target, temporary["root"]);
        Assert.Equal(pulled.GetProperty("digest").GetString(), pushed.GetProperty("digest").GetString());
        Assert.Equal(
            (await Skopeo.InspectAsync($"docker://{source}", "--raw")).Text, (await Skopeo.InspectAsync($"docker://{target}", "--raw")).Text);
    }

    [Fact]
    public async Task A_docker_manifest_never_names_a_layer_it_has_no_word_for()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/app:1";
        await Skopeo.CopyAsync(
            $"docker-archive:{image.Archive}", $"docker://{name}", "--format", "oci", "--dest-compress-format", "zstd");
        await BlobsCommand.With("pull", name, "--root", temporary["root"], "--quiet").SucceedAsync();
        JsonElement pushed = await PushAsync(name, temporary["root"], "--format", "docker");
        Assert.Equal(4, pushed.GetProperty("sentLayers").GetInt32());
        JsonElement oci = await PushAsync(name, temporary["root"], "--compression", "zstd");
        Assert.Equal(0, oci.GetProperty("sentLayers").GetInt32());
        (await BlobsCommand.With("push", name, "--format", "docker", "--compression", "zstd").RunAsync()).Expect(2);
        (await BlobsCommand.With("push", $"{name}@{image.Id}").RunAsync()).Expect(2);
    }

    [Fact]
    public async Task A_line_that_breaks_begins_the_upload_anew()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        await using var proxy = new CuttingProxy(registry.Port, cutAfterBytes: 700, cutsMax: 4);
        string name = $"{proxy.Host}/app:1";
        TestImage image = await LoadAsync(temporary, name);
        await PushAsync(name, temporary["root"]);
        Assert.Equal(4, proxy.Cuts);
        await Skopeo.CopyAsync($"docker://{registry.Host}/app:1", $"docker-archive:{temporary["copied.tar"]}");
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["copied.tar"]));
    }

    [Fact]
    public async Task A_copy_goes_between_a_registry_and_every_other_place()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        await using DockerRegistry other = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string[] places =
        [
            $"docker-archive:{image.Archive}",
            $"docker://{registry.Host}/a:1",
            $"oci:{temporary["layout"]}:1",
            $"docker://{registry.Host}/b:1",
            $"oci-archive:{temporary["layout.tar"]}:1",
            $"docker://{other.Host}/c:1",
            $"docker-data:{temporary["root"]}//copied:1",
            $"docker://{other.Host}/d:1",
            $"docker-archive:{temporary["last.tar"]}:copied:1",
        ];
        for (int i = 1; i < places.Length; i++)
        {
            await BlobsCommand.With("copy", places[i - 1], places[i]).SucceedAsync();
        }

        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["last.tar"]));
        JsonElement copied = (await BlobsCommand.With("images", "--root", temporary["root"], "--json").SucceedAsync()).Json;
        Assert.Equal(image.Id, copied[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_copy_between_registries_keeps_the_manifest_and_mounts_within_one()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        await using DockerRegistry other = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string source = $"docker://{registry.Host}/a:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", source, "--format", "oci");
        string manifest = (await Skopeo.InspectAsync(source, "--raw")).Text;
        CommandResult within = await BlobsCommand.With("copy", source, $"docker://{registry.Host}/b:1").SucceedAsync();
        Assert.Equal(4, within.Talk.Count(line => line.EndsWith("Mounted from another repository", StringComparison.Ordinal)));
        await BlobsCommand.With("copy", $"docker://{registry.Host}/b:1", $"docker://{other.Host}/c:1").SucceedAsync();
        Assert.Equal(manifest, (await Skopeo.InspectAsync($"docker://{other.Host}/c:1", "--raw")).Text);
        await BlobsCommand.With("copy", source, $"docker://{other.Host}/d:1", "--format", "docker").SucceedAsync();
        string converted = (await Skopeo.InspectAsync($"docker://{other.Host}/d:1", "--raw")).Text;
        Assert.Contains("vnd.docker.image.rootfs.diff.tar.gzip", converted, StringComparison.Ordinal);
    }

    // A root with the image under a name that says where it goes.
    private static async Task<TestImage> LoadAsync(TemporaryRoot temporary, string name)
    {
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", temporary["root"], "--quiet").SucceedAsync();
        await BlobsCommand.With("tag", TestImage.Name, name, "--root", temporary["root"]).SucceedAsync();
        return image;
    }

    private static async Task<JsonElement> PushAsync(string name, string root, params string[] more) =>
        (await BlobsCommand.With(["push", name, "--root", root, "--json", .. more]).SucceedAsync()).Json;

    private static string Notes(string root)
    {
        string folder = Path.Combine(root, "image", "overlay2");
        string[] files = [Path.Combine(folder, "repositories.json"), .. Directory.GetFiles(
            Path.Combine(folder, "distribution"), "*", SearchOption.AllDirectories)];
        return string.Join('\n', files.Order(StringComparer.Ordinal).Select(file =>
            $"{Path.GetRelativePath(folder, file)} {File.ReadAllText(file)}"));
    }
}
