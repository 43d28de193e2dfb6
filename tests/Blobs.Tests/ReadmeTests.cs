using System.Text.RegularExpressions;
using Blobs.Tests.Samples;
using Blobs.Tests.Testing;

namespace Blobs.Tests;

/// <summary>What the documents show is compiled, run and compared here, so that it cannot go stale.</summary>
public sealed partial class ReadmeTests
{
    // What a sample names as a literal is a parameter where it is compiled.
    private static readonly (string Literal, string Parameter)[] Parameters =
    [
        ("\"/var/lib/docker\"", "dataRoot"), ("\"/var/lib/registry\"", "store"),
        ("\"layer.tar.gz\"", "layerFile"), ("\"layer.tar\"", "tarFile"), ("\"layer.erofs\"", "imageFile"),
        ("\"oci:layout:1\"", "from"), ("\"docker-archive:app.tar:app:1\"", "to"),
        ("\"/var/lib/containers/storage\"", "storeRoot"), ("\"localhost/app:1\"", "imageName"),
        ("\"127.0.0.1:5000/team/app\"", "repositoryName"),
    ];

    /// <summary>Every document, by its path from the root.</summary>
    public static TheoryData<string> Documents =>
    [
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md", "bench/peers/README.md", "fuzz/README.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Samples_are_code_that_is_compiled(string document)
    {
        string[][] samples =
        [
            .. Repository.Sources("tests").Where(file => file.Path.Contains("/Samples/", StringComparison.Ordinal))
                .Select(file => Statements(file.Text)),
        ];
        Assert.All(Blocks(document, "csharp"), block => Assert.True(
            samples.Any(sample => IsIn(Statements(Compiled(block)), sample)), $"no file in tests/*/Samples compiles this:\n{block}"));
    }

    [Fact]
    public void Each_package_and_the_project_show_a_sample() => Assert.All(
        (string[])["", "src/Blobs/", "src/Blobs.Docker/", "src/Blobs.ContainersStorage/", "src/Blobs.Containerd/", "src/Blobs.Distribution/", "src/Blobs.Transfer/", "src/Blobs.Registry/", "src/Blobs.Storage.S3/"],
        folder => Assert.NotEmpty(Blocks($"{folder}README.md", "csharp")));

    [Fact]
    public async Task The_samples_without_a_registry_work()
    {
        byte[] layer = Archive.Of(Archive.File("f", "content"));
        string folder = Directory.CreateTempSubdirectory().FullName;
        string root = Path.Combine(folder, "root"), file = Path.Combine(folder, "layer"), tar = Path.Combine(folder, "tar");
        try
        {
            await File.WriteAllBytesAsync(file, layer);
            await LayerSample.RunAsync(root, file, tar);
            await HashSample.RunAsync(file);
            await ScannerSample.RunAsync(file);
            ListSample.Run(root);
            await ErofsSample.RunAsync(file, Path.Combine(folder, "image"));
            Assert.Equal(layer, await File.ReadAllBytesAsync(tar));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Examples_name_verbs_and_options_that_exist(string document)
    {
        string sources = string.Concat(Repository.Sources("src/Blobs.Cli").Select(file => file.Text));
        foreach (string[] words in Blocks(document, "sh").SelectMany(Commands).Where(words => words is ["blobs", ..]))
        {
            Assert.Contains($"\"{words[1]}\"", sources, StringComparison.Ordinal);
            Assert.All(
                words.Where(word => word.StartsWith('-') && word != "-"),
                option => Assert.Contains($"\"{option}\"", sources, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_headline_is_part_of_the_figures()
    {
        string[] shown = [.. Section("README.md", "headline").Split('\n').Where(line => line.StartsWith('|'))];
        string figures = Section("bench/README.md", "figures");
        Assert.True(shown.Length > 5, "README.md has no headline table");
        Assert.All(shown, line => Assert.Contains(line, figures, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_somewhere(string document)
    {
        string folder = Path.Combine(Repository.Root, Path.GetDirectoryName(document)!);
        foreach (Match link in Link().Matches(Text(document)))
        {
            string target = link.Groups["path"].Length > 0 ? Path.Combine(folder, link.Groups["path"].Value) : Path.Combine(Repository.Root, document);
            Assert.True(Path.Exists(target), $"there is no {link.Value}");
            string anchor = link.Groups["anchor"].Value;
            Assert.True(anchor.Length == 0 || Anchors(File.ReadAllText(target)).Contains(anchor), $"there is no heading for {link.Value}");
        }
    }

    [Fact]
    public void Promises_name_tests_that_exist()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(Path.GetFileName)!];
        string[] named =
        [
            .. Documents.SelectMany(row => TestClass().Matches(Text(row.Data))).Select(match => match.Groups[1].Value),
        ];
        Assert.True(named.Length > 15, $"{named.Length} classes are named");
        Assert.All(named, name => Assert.Contains($"{name}.cs", files));
    }

    // A sample may leave out lines of the file that compiles it, but none of its own, and its order is that of the file.
    private static bool IsIn(string[] sample, string[] file)
    {
        int at = 0;
        foreach (string line in sample)
        {
            at = Array.IndexOf(file, line, at) + 1;
            if (at == 0)
            {
                return false;
            }
        }

        return true;
    }

    // Comments may differ.
    private static string[] Statements(string code) =>
        [.. code.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("//", StringComparison.Ordinal))];

    private static string Compiled(string sample) =>
        Parameters.Aggregate(sample, (text, pair) => text.Replace(pair.Literal, pair.Parameter, StringComparison.Ordinal));

    private static IEnumerable<string[]> Commands(string block) => block.Split('\n')
        .Select(line => line.Split(" #")[0])
        .SelectMany(line => line.Split(["; ", " && ", " | "], StringSplitOptions.RemoveEmptyEntries))
        .Select(command => command.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Blocks(string document, string language) =>
        Block().Matches(Text(document)).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["text"].Value);

    private static string Section(string document, string name)
    {
        string text = Text(document);
        int start = text.IndexOf($"<!-- {name}:", StringComparison.Ordinal), end = text.IndexOf($"<!-- /{name} -->", StringComparison.Ordinal);
        return text[start..end];
    }

    // As forges make them: lower case, no punctuation, a dash for each space.
    private static IEnumerable<string> Anchors(string text) => Heading().Matches(text)
        .Select(heading => NoAnchor().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    private static string Text(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\((?!http)(?<path>[^)#]*)(#(?<anchor>[^)]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"`([A-Z][A-Za-z]+(?:Specs|Tests))`")]
    private static partial Regex TestClass();
}
