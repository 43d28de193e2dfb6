using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>A root in which the real engine pulled, built, created and ran: we list the same, and give back every byte.</summary>
[Collection(EngineCollection.Name)]
public sealed class WeReadTheEnginesImages
{
    private const string Built = "built:1";

    private const string Dockerfile = $"""
        FROM {TestImage.Name}
        ENV GREETING="hello <you> & me"
        RUN rm -rf /opaque /hidden && echo made > /made
        ADD file.txt /added/
        LABEL kind=test
        CMD cat /made /added/file.txt && echo "$GREETING"

        """;

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task What_an_engine_pulled_built_and_ran_is_listed_exported_and_saved(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        Seen seen;
        await using (DockerRegistry registry = await DockerRegistry.StartAsync(temporary))
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            await MakeAsync(engine, temporary, registry);
            seen = await Seen.OfAsync(engine);
        }

        await ExpectSameListsAsync(root, seen);
        await ExpectEveryLayerAsync(root);
        await BlobsCommand.With("save", Built, TestImage.Name, "--root", root, "-o", temporary["docker"]).SucceedAsync();
        await BlobsCommand.With("save", Built, "--root", root, "--format", "oci", "-o", temporary["oci"]).SucceedAsync();

        await using Dockerd other = await Dockerd.StartAsync(temporary, temporary["other"], driver);
        await other.RunAsync("load", "--input", temporary["docker"]);
        Assert.Equal(seen.Id, (await other.RunAsync("inspect", "--format", "{{.Id}}", Built)).Trim());
        Assert.Equal("made\nadded\nhello <you> & me\n", await other.RunAsync("run", "--rm", "--network", "none", Built));
        Assert.Equal(seen.DiffIds, await Skopeo.DiffIdsAsync($"oci-archive:{temporary["oci"]}"));
    }

    private static async Task MakeAsync(Dockerd engine, TemporaryRoot temporary, DockerRegistry registry)
    {
        TestImage image = TestImage.Write(temporary);
        string pushed = $"{registry.Host}/team/app:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{pushed}");
        await engine.RunAsync("pull", "--quiet", pushed);
        await engine.RunAsync("tag", pushed, TestImage.Name);
        string context = temporary.Folder("context");
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), Dockerfile);
        await File.WriteAllTextAsync(Path.Combine(context, "file.txt"), "added\n");
        await engine.RunAsync("build", "--network", "none", "--tag", Built, context);
        await engine.RunAsync("create", "--name", "waiting", "--network", "none", Built);
        Assert.Equal("made\nadded\nhello <you> & me\n", await engine.RunAsync("run", "--name", "ran", "--network", "none", Built));

        // An image that lost its name to another one.
        await engine.RunAsync("commit", "ran", "lost:1");
        await engine.RunAsync("tag", Built, "lost:1");
    }

    private static async Task ExpectSameListsAsync(string root, Seen seen)
    {
        JsonElement images = (await BlobsCommand.With("images", "--root", root, "--json").SucceedAsync()).Json;
        Assert.Equal(seen.Images, Rows(images, "repository", "tag", "id", "displaySize", "createdAt"));
        Assert.All(images.EnumerateArray(), row => Assert.Equal(JsonValueKind.Null, row.GetProperty("digest").ValueKind));
        images = (await BlobsCommand.With("images", "--root", root, "--digests", "--json").SucceedAsync()).Json;
        Assert.Equal(seen.Digests, Rows(images, "repository", "tag", "digest", "id"));
        JsonElement history = (await BlobsCommand.With("history", Built, "--root", root, "--json").SucceedAsync()).Json;
        Assert.Equal(seen.History, history.EnumerateArray().Select(step => step.GetProperty("createdBy").GetString()));
        JsonElement containers = (await BlobsCommand.With("ps", "--root", root, "--json").SucceedAsync()).Json;
        Assert.Equal(seen.Containers, Rows(containers, "id", "name", "image", "state"));

        JsonElement ours = (await BlobsCommand.With("inspect", Built, "--root", root).SucceedAsync()).Json[0];
        foreach (string member in (string[])["Id", "RepoTags", "Parent", "Created", "Config", "Architecture", "Os", "Size", "RootFS"])
        {
            Assert.True(
                JsonElement.DeepEquals(seen.Inspected.GetProperty(member), ours.GetProperty(member)),
                $"{member}: {ours.GetProperty(member)}, and not {seen.Inspected.GetProperty(member)}");
        }
    }

    private static async Task ExpectEveryLayerAsync(string root)
    {
        JsonElement layers = (await BlobsCommand.With("layers", "--root", root, "--json").SucceedAsync()).Json;
        Assert.True(layers.GetArrayLength() >= 6, $"{layers.GetArrayLength()} layers: four pulled, and two built");
        foreach (JsonElement layer in layers.EnumerateArray())
        {
            CommandResult tar = await BlobsCommand.With("layer", "export", layer.GetProperty("chainId").GetString()!, "--root", root)
                .SucceedAsync();
            Assert.Equal(layer.GetProperty("diffId").GetString(), Sha256Text.Of(tar.Output));
        }
    }

    private static IEnumerable<string> Rows(JsonElement rows, params string[] members) => rows.EnumerateArray()
        .Select(row => string.Join('|', members.Select(member => row.GetProperty(member).GetString() ?? "<none>")))
        .Order(StringComparer.Ordinal);

    /// <summary>What the engine says of its root.</summary>
    private sealed record Seen(
        string Id, string[] DiffIds, string[] Images, string[] Digests, string[] History, string[] Containers, JsonElement Inspected)
    {
        public static async Task<Seen> OfAsync(Dockerd engine)
        {
            JsonElement inspected = JsonDocument.Parse(await engine.RunAsync("inspect", Built)).RootElement[0];
            return new Seen(
                inspected.GetProperty(nameof(Id)).GetString()!,
                inspected.GetProperty("RootFS").GetProperty("Layers").Deserialize<string[]>()!,
                [.. (await LinesAsync(engine, "images", "--no-trunc", "--format", "{{.Repository}}|{{.Tag}}|{{.ID}}|{{.Size}}|{{.CreatedAt}}"))
                    .Select(WithIsoTime)],
                await LinesAsync(engine, "images", "--no-trunc", "--digests", "--format", "{{.Repository}}|{{.Tag}}|{{.Digest}}|{{.ID}}"),
                (await engine.RunAsync("history", "--no-trunc", "--format", "{{.CreatedBy}}", Built)).Split('\n')[..^1],
                await LinesAsync(engine, "ps", "--all", "--no-trunc", "--format", "{{.ID}}|{{.Names}}|{{.Image}}|{{.State}}"),
                inspected);
        }

        // The engine writes 2020-01-02 03:04:05 +0000 UTC.
        private static string WithIsoTime(string line) =>
            line.EndsWith(" +0000 UTC", StringComparison.Ordinal) ? $"{line[..^19]}T{line[^18..^10]}Z" : line;

        private static async Task<string[]> LinesAsync(Dockerd engine, params string[] arguments) =>
            [.. (await engine.RunAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
