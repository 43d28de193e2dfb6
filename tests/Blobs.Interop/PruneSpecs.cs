using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>What a root takes and what could go, held against the real engine on a copy of the same root.</summary>
[Collection(EngineCollection.Name)]
public sealed class PruneSpecs
{
    private static readonly string[] ListImages = ["images", "--all", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"];

    [Fact]
    public async Task A_root_is_measured_and_pruned_as_the_engine_does_it()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string theirs = temporary["theirs"];
        string ours = temporary["ours"];
        await using (Dockerd maker = await Dockerd.StartAsync(temporary, theirs))
        {
            await FillAsync(maker, temporary);
        }

        await new Command("cp", "--archive", theirs, ours).SucceedAsync();
        string[] table = (await BlobsCommand.With("df", "--root", ours).SucceedAsync()).Text.Split('\n');
        string details = (await BlobsCommand.With("df", "-v", "--root", ours).SucceedAsync()).Text;
        JsonElement untagged = await PruneAsync(ours);
        string left = await ImagesAsync(ours);
        JsonElement unused = await PruneAsync(ours, "--all");
        JsonElement everything = await PruneAsync(ours, "--all", "--containers");

        await using Dockerd engine = await Dockerd.StartAsync(temporary, theirs);
        string[] expected = (await engine.RunAsync("system", "df")).Split('\n');
        Assert.Equal(BeforeReclaimable(expected), BeforeReclaimable(table[..5]));
        Assert.Equal(expected[2..5], table[2..5]);
        Assert.Equal(
            WordsOf((await engine.RunAsync("system", "df", "-v")).Split("Build cache usage")[0]),
            WordsOf(details.Split("Build cache space usage")[0]));

        string pruned = await engine.RunAsync("image", "prune", "--force");
        Assert.Equal(DeletedBy(pruned), DeletedBy(untagged));
        Assert.Equal(Sorted(await engine.RunAsync(ListImages)), Sorted(left));

        // The engine's df calls shared layers of a used image reclaimable; its prune does not take them. Ours says what goes.
        string more = await engine.RunAsync("image", "prune", "--all", "--force");

        // It also takes the name of an image that stays, because the used one was made from it. Ours does not.
        Assert.Equal(DeletedBy(more), DeletedBy(unused).Append(TestImage.Name).Order());
        Assert.EndsWith($" {ReclaimedBy(pruned) + ReclaimedBy(more)}B (0%)", table[1], StringComparison.Ordinal);
        Assert.Equal(ReclaimedBy(pruned), untagged.GetProperty("bytes").GetInt64());
        Assert.Equal(ReclaimedBy(more), unused.GetProperty("bytes").GetInt64());

        string containers = await engine.RunAsync("container", "prune", "--force");
        string rest = await engine.RunAsync("image", "prune", "--all", "--force");
        Assert.Equal(DeletedBy(rest).Append(TestImage.Name).Order(), DeletedBy(everything));
        Assert.Contains(everything.GetProperty("containers")[0].GetString()!, containers, StringComparison.Ordinal);
        Assert.Equal("", await engine.RunAsync("images", "--all", "--quiet"));
        EngineReadsOurImages.ExpectNoLayer(ours, "overlay2");
    }

    [Fact]
    public async Task A_dry_run_names_exactly_what_a_run_removes()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", root, "--quiet").SucceedAsync();
        await BlobsCommand.With("create", "--root", root, "--name", "box", TestImage.Name).SucceedAsync();
        await BlobsCommand.With("add", "--from", TestImage.Name, $"{image.Archive}:/", "--root", root).SucceedAsync();
        foreach (string[] more in (string[][])[[], ["--all"], ["--containers"], ["--all", "--containers"]])
        {
            string dry = (await BlobsCommand.With(["prune", "--root", root, "--dry-run", .. more]).SucceedAsync()).Text;
            string run = (await BlobsCommand.With(["prune", "--root", root, "--force", .. more]).SucceedAsync()).Text;
            Assert.Equal(dry.Replace("Would delete", "Deleted", StringComparison.Ordinal)
                .Replace("Would reclaim:", "Total reclaimed space:", StringComparison.Ordinal), run);
        }

        EngineReadsOurImages.ExpectNoLayer(root, "overlay2");
    }

    [Fact]
    public async Task Without_force_the_answer_is_read_and_anything_but_y_removes_nothing()
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        await BlobsCommand.IngestAsync(LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build()), root);
        foreach (string answer in (string[])["", "n\n", "\n"])
        {
            CommandResult no = await (BlobsCommand.With("prune", "--root", root) with { Input = System.Text.Encoding.UTF8.GetBytes(answer) }).RunAsync();
            Assert.Equal(1, no.ExitCode);
            Assert.StartsWith("This removes 1 layer. Continue? [y/N] ", no.Error, StringComparison.Ordinal);
            Assert.EndsWith(
                "blobs: nothing was removed: the question was not answered with y; --force does not ask\n", no.Error, StringComparison.Ordinal);
            Assert.Empty(no.Output);
        }

        CommandResult yes = await (BlobsCommand.With("prune", "--root", root) with { Input = "y\n"u8.ToArray() }).SucceedAsync();
        Assert.StartsWith("Deleted layers:\ndeleted: sha256:", yes.Text, StringComparison.Ordinal);
        Assert.Equal("Total reclaimed space: 0B\n", (await BlobsCommand.With("prune", "--root", root).SucceedAsync()).Text);
    }

    // Images that share layers, of which one has a container; a name that was moved, a parent, and volumes.
    private static async Task FillAsync(Dockerd maker, TemporaryRoot temporary)
    {
        TestImage image = TestImage.Write(temporary);
        string context = temporary.Folder("context");
        await maker.RunAsync("load", "--input", image.Archive);
        foreach ((string tag, string step) in ((string, string)[])
            [("moved:1", "echo one > /one"), ("moved:1", "echo two two > /two"), ("used:1", "head -c 5000 /dev/zero > /used"), ("free:1", "echo free > /free")])
        {
            await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"FROM {TestImage.Name}\nRUN {step}\nENV A={tag}\n");
            await maker.RunAsync("build", "--network", "none", "--tag", tag, context);
        }

        await maker.RunAsync("tag", "free:1", "free:2");
        await maker.RunAsync("volume", "create", "alone");
        await maker.RunAsync(
            "run", "--name", "box", "--network", "none", "--volume", "data:/data", "used:1", "/bin/sh", "-c",
            "echo 12345 > /data/file; head -c 1000 /dev/zero > /big; ln /big /again; rm /hello.txt");
    }

    private static async Task<JsonElement> PruneAsync(string root, params string[] more) =>
        (await BlobsCommand.With(["prune", "--root", root, "--force", "--json", .. more]).SucceedAsync()).Json;

    private static async Task<string> ImagesAsync(string root) => string.Concat(
        (await BlobsCommand.With("images", "--all", "--json", "--root", root).SucceedAsync()).Json.EnumerateArray()
            .Select(row => $"{row.GetProperty("id")} {Or(row.GetProperty("repository"))}:{Or(row.GetProperty("tag"))}\n"));

    private static string Or(JsonElement text) => text.GetString() ?? "<none>";

    private static IEnumerable<string> Sorted(string lines) => lines.Split('\n').Order();

    // Ids of images and layers that went, and the names of those images.
    private static IEnumerable<string> DeletedBy(string docker) => docker.Split('\n')
        .Where(line => line.StartsWith("deleted: ", StringComparison.Ordinal) || line.StartsWith("untagged: ", StringComparison.Ordinal))
        .Select(line => line.Split(": ")[1]).Order();

    private static IEnumerable<string> DeletedBy(JsonElement prune) => prune.GetProperty("images").EnumerateArray()
        .SelectMany(image => image.GetProperty("untagged").EnumerateArray().Select(name => name.GetString()!).Append(image.GetProperty("id").GetString()!))
        .Concat(prune.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString()!)).Order();

    private static long ReclaimedBy(string docker) => long.Parse(
        docker.TrimEnd().Split("Total reclaimed space: ")[1].TrimEnd('B'), System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> BeforeReclaimable(string[] table) =>
        table.Take(5).Select(line => line[..table[0].IndexOf("RECLAIMABLE", StringComparison.Ordinal)]);

    // The column's width depends on the rows, times on the clock; the order of images of one second is not defined.
    private static IEnumerable<string> WordsOf(string table) =>
        Regex.Replace(table, "(\\d+ seconds?|\\d+ minutes|About a minute|Less than a second) ago", "then").Split('\n')
            .Where(line => line.Length > 0).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Order();
}
