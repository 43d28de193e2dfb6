using System.Text;
using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Images that other programs pushed to the reference registry, pulled into a store that the real engine then opens.</summary>
[Collection(EngineCollection.Name)]
public sealed class PullSpecs
{
    [Theory]
    [InlineData("v2s2", "gzip")]
    [InlineData("oci", "gzip")]
    [InlineData("oci", "zstd")]
    public async Task I_can_pull_what_skopeo_pushed(string format, string compression)
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/team/app:1";
        await Skopeo.CopyAsync(
            $"docker-archive:{image.Archive}", $"docker://{name}", "--format", format, "--dest-compress-format", compression);

        JsonElement report = await PullAsync(name, temporary["root"]);
        string id = (await Skopeo.InspectAsync($"docker://{name}", "--raw")).Json.GetProperty("config").GetProperty("digest").GetString()!;
        Assert.Equal(id, report.GetProperty("imageId").GetString());
        Assert.Equal(4, report.GetProperty("newLayers").GetInt32());
        await ExpectLayersAsync(image, temporary["root"]);
    }

    [Fact]
    public async Task An_engine_starts_on_what_I_pulled_and_runs_it()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/team/app:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{name}");
        JsonElement report = await PullAsync(name, temporary["root"]);

        await using Dockerd engine = await Dockerd.StartAsync(temporary, temporary["root"]);
        Assert.Equal(
            $"{registry.Host}/team/app 1 {report.GetProperty("digest").GetString()} {image.Id}\n",
            await engine.RunAsync("images", "--no-trunc", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}}"));
        Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", name));

        // What was noted of the registry spares the engine every byte.
        string pull = await engine.RunAsync("pull", name);
        Assert.Contains("Image is up to date", pull, StringComparison.Ordinal);
        await engine.RunAsync("tag", name, $"{registry.Host}/other/app:1");
        string push = await engine.RunAsync("push", $"{registry.Host}/other/app:1");
        Assert.DoesNotContain("Pushed", push, StringComparison.Ordinal);
        Assert.Contains("Mounted from team/app", push, StringComparison.Ordinal);
        await engine.RunAsync("rmi", name, $"{registry.Host}/other/app:1");
        Assert.Empty(Directory.GetDirectories(Path.Combine(temporary["root"], "image", "overlay2", "layerdb", "sha256")));
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("vfs")]
    public async Task I_can_pull_what_an_engine_pushed_and_the_notes_are_the_engines(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/team/app:1";
        string theirs = temporary["theirs"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, theirs))
        {
            await engine.RunAsync("load", "--input", image.Archive);
            await engine.RunAsync("tag", TestImage.Name, name);
            await engine.RunAsync("push", name);
        }

        string pulled = temporary["pulled"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, pulled))
        {
            await engine.RunAsync("pull", name);
        }

        JsonElement report = await PullAsync(name, temporary["root"], "--driver", driver);
        Assert.Equal(image.Id, report.GetProperty("imageId").GetString());
        await ExpectLayersAsync(image, temporary["root"]);
        Assert.Equal(Notes(pulled, "overlay2"), Notes(temporary["root"], driver));
    }

    [Fact]
    public async Task A_second_pull_downloads_nothing()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/team/app:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{name}");
        await PullAsync(name, temporary["root"]);
        int before = registry.CountRequests("GET", "/blobs/");
        JsonElement again = await PullAsync(name, temporary["root"]);
        Assert.Equal(0, again.GetProperty("newLayers").GetInt32());
        Assert.Equal(before, registry.CountRequests("GET", "/blobs/"));
    }

    [Fact]
    public async Task I_can_pull_by_digest_and_another_tag_shares_the_layers()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{registry.Host}/app:1");
        string digest = (await Skopeo.InspectAsync($"docker://{registry.Host}/app:1")).Json.GetProperty("Digest").GetString()!;
        JsonElement report = await PullAsync($"{registry.Host}/app@{digest}", temporary["root"]);
        Assert.Equal([$"{registry.Host}/app@{digest}"], Texts(report.GetProperty("names")));
        JsonElement tagged = await PullAsync($"{registry.Host}/app:1", temporary["root"]);
        Assert.Equal([$"{registry.Host}/app:1", $"{registry.Host}/app@{digest}"], Texts(tagged.GetProperty("names")));
        Assert.Equal(0, tagged.GetProperty("newLayers").GetInt32());
    }

    [Fact]
    public async Task An_index_gives_the_image_for_the_platform_I_want()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/app";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{name}:amd64");
        string digest = await PutIndexAsync(registry, "app", "both", ("linux", "s390x"), ("linux", "amd64"));

        JsonElement report = await PullAsync($"{name}:both", temporary["root"], "--platform", "linux/amd64");
        Assert.Equal(image.Id, report.GetProperty("imageId").GetString());
        Assert.Equal(digest, report.GetProperty("digest").GetString());
        Assert.Contains($"{name}@{digest}", Texts(report.GetProperty("names")));
        string refusal = (await PullCommand($"{name}:both", temporary["root"], "--platform", "linux/arm64").RunAsync()).ExpectRefusal();
        Assert.Contains("linux/s390x, linux/amd64", refusal, StringComparison.Ordinal);
        refusal = (await PullCommand($"{name}:amd64", temporary["root"], "--platform", "linux/arm64").RunAsync()).ExpectRefusal();
        Assert.Contains("linux/arm64", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_breaks_again_and_again_is_not_noticed()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{registry.Host}/app:1");
        await using var proxy = new CuttingProxy(registry.Port, cutAfterBytes: 2_500_000);
        JsonElement report = await PullAsync($"{proxy.Host}/app:1", temporary["root"]);
        Assert.Equal(image.Id, report.GetProperty("imageId").GetString());
        Assert.True(proxy.Cuts >= 3, $"the line broke {proxy.Cuts} times");
        Assert.True(proxy.Bytes < 16_000_000, $"{proxy.Bytes} bytes came: it began anew after each cut");
        await ExpectLayersAsync(image, temporary["root"]);
    }

    [Fact]
    public async Task A_pull_that_failed_goes_on_in_the_middle_of_a_kept_blob()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{registry.Host}/app:1");
        string root = temporary["root"];

        // The line breaks in the large layer, and then there is no registry any more.
        await using (var bad = new CuttingProxy(registry.Port, cutAfterBytes: 8_000_000))
        {
            Task<CommandResult> pulling = PullCommand($"{bad.Host}/app:1", root, "--keep-blob", "--jobs", "1").RunAsync();
            while (bad.Cuts == 0 && !pulling.IsCompleted)
            {
                await Task.Delay(10);
            }

            await bad.DisposeAsync();
            string refusal = (await pulling).ExpectRefusal();
            Assert.Contains(bad.Host, refusal, StringComparison.Ordinal);
        }

        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(root, "image", "overlay2", "layerdb", "sha256")));
        Assert.False(File.Exists(Path.Combine(root, "image", "overlay2", "repositories.json")));
        await using var line = new CuttingProxy(registry.Port);
        JsonElement report = await PullAsync($"{line.Host}/app:1", root, "--keep-blob");
        Assert.Equal(image.Id, report.GetProperty("imageId").GetString());
        Assert.Equal(3, report.GetProperty("newLayers").GetInt32());
        Assert.True(line.Bytes < 7_000_000, $"{line.Bytes} bytes came the second time");
        Assert.Empty(Directory.GetFiles(Path.Combine(root, "docker", "registry", "v2", "blobs"), ".*"));
        await ExpectLayersAsync(image, root);
    }

    [Fact]
    public async Task A_login_of_docker_opens_a_registry_that_wants_one()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary, needsLogin: true);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/app:1";
        await Skopeo.CopyAsync(
            $"docker-archive:{image.Archive}", $"docker://{name}", "--dest-creds", $"{DockerRegistry.User}:{DockerRegistry.Password}");
        string refusal = (await WithConfig(PullCommand(name, temporary["root"]), temporary.Folder("none")).RunAsync()).ExpectRefusal();
        Assert.Contains("UNAUTHORIZED", refusal, StringComparison.Ordinal);
        Assert.Contains($"no credentials for {registry.Host}", refusal, StringComparison.Ordinal);

        string auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{DockerRegistry.User}:{DockerRegistry.Password}"));
        string config = temporary.Folder("login");
        await File.WriteAllTextAsync(
            Path.Combine(config, "config.json"),
            JsonSerializer.Serialize(new { auths = new Dictionary<string, object> { [registry.Host] = new { auth } } }));
        await WithConfig(PullCommand(name, temporary["root"]), config).SucceedAsync();
        await WithConfig(BlobsCommand.With("push", name, "--root", temporary["root"]), config).SucceedAsync();
    }

    [Fact]
    public async Task What_the_registry_does_not_have_is_one_line()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        string refusal = (await PullCommand($"{registry.Host}/none:1", temporary["root"]).RunAsync()).ExpectRefusal();
        Assert.Contains("404 not found, MANIFEST_UNKNOWN", refusal, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temporary["root"]));
        string nobody = $"127.0.0.1:{FreePort.Find()}";
        refusal = (await PullCommand($"{nobody}/none:1", temporary["root"]).RunAsync()).ExpectRefusal();
        Assert.Contains("Connection refused", refusal, StringComparison.Ordinal);
        (await PullCommand("Not A Name", temporary["root"]).RunAsync()).Expect(2);
    }

    [Fact]
    public async Task A_blob_that_rotted_in_the_registry_is_refused_and_leaves_no_name()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Host}/app:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{name}");
        string large = new DirectoryInfo(Path.Combine(registry.Store, "docker", "registry", "v2", "blobs"))
            .GetFiles("data", SearchOption.AllDirectories).MaxBy(file => file.Length)!.FullName;
        byte[] bytes = await File.ReadAllBytesAsync(large);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(large, bytes);
        (await PullCommand(name, temporary["root"], "--keep-blob").RunAsync()).ExpectRefusal();
        Assert.False(File.Exists(Path.Combine(temporary["root"], "image", "overlay2", "repositories.json")));

        // Others may go on where they stopped; this one would only fail again.
        string digest = Path.GetFileName(Path.GetDirectoryName(large))!;
        Assert.Empty(Directory.GetFiles(
            Path.Combine(temporary["root"], "docker", "registry", "v2", "blobs"), $"*{digest}*", SearchOption.AllDirectories));
    }

    private static Command PullCommand(string name, string root, params string[] more) =>
        BlobsCommand.With(["pull", name, "--root", root, "--json", .. more]);

    private static async Task<JsonElement> PullAsync(string name, string root, params string[] more) =>
        (await PullCommand(name, root, more).SucceedAsync()).Json;

    private static Command WithConfig(Command command, string folder) =>
        command with { Environment = new Dictionary<string, string> { ["DOCKER_CONFIG"] = folder } };

    private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(item => item.GetString()!);

    private static async Task ExpectLayersAsync(TestImage image, string root)
    {
        foreach (string diffId in image.DiffIds)
        {
            CommandResult tar = await BlobsCommand.With("layer", "export", diffId, "--root", root).SucceedAsync();
            Assert.Equal(diffId, Sha256Text.Of(tar.Output));
        }
    }

    // Everything an engine notes of names and registries, below the folder of its driver.
    private static string Notes(string root, string driver)
    {
        string folder = Path.Combine(root, "image", driver);
        string[] files = [Path.Combine(folder, "repositories.json"), .. Directory.GetFiles(
            Path.Combine(folder, "distribution"), "*", SearchOption.AllDirectories)];
        return string.Join('\n', files.Order(StringComparer.Ordinal).Select(file =>
            $"{Path.GetRelativePath(folder, file)} {File.GetUnixFileMode(file)} {File.ReadAllText(file)}"));
    }

    // The same manifest for every platform: which one was chosen shows in the order.
    private static async Task<string> PutIndexAsync(
        DockerRegistry registry, string repository, string tag, params (string Os, string Architecture)[] platforms)
    {
        string raw = (await Skopeo.InspectAsync($"docker://{registry.Host}/{repository}:amd64", "--raw")).Text;
        const string ListType = "application/vnd.docker.distribution.manifest.list.v2+json";
        const string Type = "application/vnd.docker.distribution.manifest.v2+json";
        byte[] index = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = ListType,
            manifests = platforms.Select(platform => new
            {
                mediaType = Type,
                size = Encoding.UTF8.GetByteCount(raw),
                digest = Sha256Text.Of(Encoding.UTF8.GetBytes(raw)),
                platform = new { architecture = platform.Architecture, os = platform.Os },
            }).ToArray(),
        });
        using var http = new HttpClient();
        using var content = new ByteArrayContent(index) { Headers = { ContentType = new(ListType) } };
        using HttpResponseMessage answer = await http.PutAsync(new Uri($"http://{registry.Host}/v2/{repository}/manifests/{tag}"), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return Sha256Text.Of(index);
    }
}
