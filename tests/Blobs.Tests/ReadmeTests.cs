using System.Text.RegularExpressions;
using Blobs.Client;
using Blobs.Engine;
using Blobs.Hashing;
using Blobs.Layers;
using Blobs.Oci;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests;

/// <summary>What README.md shows is compiled, run and compared here, so that it cannot go stale.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Source = Repository.Sources("tests/Blobs.Tests")
        .Single(file => file.Path.EndsWith("ReadmeTests.cs", StringComparison.Ordinal)).Text;

    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void The_sample_in_the_readme_is_this_code()
    {
        (string path, string source) = Repository.Sources("tests/Blobs.Tests").Single(file => file.Path.EndsWith("ReadmeTests.cs", StringComparison.Ordinal));
        string sample = Block("```csharp\n");
        foreach (string line in sample.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string compiled = line.Replace("\"/var/lib/docker\"", "root", StringComparison.Ordinal);
            Assert.True(source.Contains($"        {compiled}\n", StringComparison.Ordinal), $"{path} does not compile: {line}");
        }
    }

    [Fact]
    public void The_clients_sample_is_this_code() => Assert.All(
        Block("```csharp\n// An image").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        line => Assert.Contains($"        {line.Replace("\"/var/lib/docker\"", "folder", StringComparison.Ordinal)}\n", Source, StringComparison.Ordinal));

    [Fact]
    public async Task The_sample_works()
    {
        byte[] layerTar = Archive.Of(Archive.File("f", "content"));
        using var layer = new MemoryStream(layerTar);
        using var tar = new MemoryStream();
        string root = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        ChainId? parent = null;
        DiffId? diffId = null;
        ITarSink scanner = new EntryCollector();
        try
        {
            await Sample(layer, tar, root, parent, diffId, scanner);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        Assert.Equal(layerTar, tar.ToArray());
    }

    [Fact]
    public void The_examples_name_verbs_and_options_that_exist()
    {
        string sources = string.Concat(Repository.Sources("src/Blobs.Cli").Select(file => file.Text));
        string[] words = Block("```sh\nblobs").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.All(words.Where(word => word.StartsWith('-')), option => Assert.Contains($"\"{option}\"", sources, StringComparison.Ordinal));
    }

    [Fact]
    public void The_figures_are_those_that_were_measured()
    {
        string measured = File.ReadAllText(Path.Combine(Repository.Root, "bench/results/readme.md"));
        Assert.Contains(measured, Readme, StringComparison.Ordinal);
        Assert.All(Links(measured), link => Assert.True(Path.Exists(Path.Combine(Repository.Root, link)), $"there is no {link}"));
    }

    [Fact]
    public void Links_lead_somewhere() =>
        Assert.All(Links(Readme), link => Assert.True(Path.Exists(Path.Combine(Repository.Root, link)), $"there is no {link}"));

    [Fact]
    public void Promises_name_tests_that_exist()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileName)!];
        string[] named =
        [
            .. File.ReadAllLines(Path.Combine(Repository.Root, "SECURITY.md")).Append(Readme)
                .SelectMany(line => TestClass().Matches(line)).Select(match => match.Groups[1].Value),
        ];
        Assert.True(named.Length > 15, $"{named.Length} classes are named");
        Assert.All(named, name => Assert.Contains($"{name}.cs", files));
    }

    // Needs registries to run: the interop lane has them.
    internal static async Task ClientSample(string folder)
    {
        // An image from a registry into a Docker data root, and on to another registry.
        using var client = new RegistryClient();
        EngineRoot root = EngineRoot.Open(folder);
        TakenImage image = await ImagePull.RunAsync(client, ImageReference.Parse("alpine:3.20"), root);
        await root.TagAsync(root.Find("alpine:3.20"), ImageReference.Parse("127.0.0.1:5000/alpine:3.20"));
        await ImagePush.RunAsync(client, root, ImageReference.Parse("127.0.0.1:5000/alpine:3.20"));
    }

    private static async Task Sample(Stream layer, Stream tar, string root, ChainId? parent, DiffId? diffId, ITarSink scanner)
    {
        // An engine: a compressed layer into a Docker data root, and its exact tar back.
        LayerStore store = LayerStore.Open(root);
        LayerIngestResult result = await store.IngestAsync(layer, new LayerIngestOptions { Parent = parent, ExpectedDiffId = diffId });
        await store.ExportAsync(result.Layer.ChainId, tar);

        // A scanner: digests and every file's content, no store at all.
        layer.Position = 0;
        LayerSummary summary = await LayerPipeline.RunAsync(layer, new LayerPipelineOptions { Entries = scanner });
        Assert.Equal(1, summary.EntryCount);
    }

    private static IEnumerable<string> Links(string text) => Link().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\]\((?!http)([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`([A-Z][A-Za-z]+(?:Specs|Tests))`")]
    private static partial Regex TestClass();

    private static string Block(string opening)
    {
        int start = Readme.IndexOf(opening, StringComparison.Ordinal) + opening.IndexOf('\n', StringComparison.Ordinal) + 1;
        return Readme[start..Readme.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
