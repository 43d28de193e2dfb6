using System.Reflection;
using System.Text.RegularExpressions;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests;

/// <summary>What src/README.md tells a reader to open is there: the methods of its two walks, and the files of "Where a change goes".</summary>
public sealed partial class WalksTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string Source = Path.Combine(Repository.Root, "src");

    private static readonly ILookup<string, Type> Types =
        ((Assembly[])[typeof(Digest).Assembly, typeof(RegistryClient).Assembly, typeof(DockerRoot).Assembly, typeof(ImageCopier).Assembly])
        .SelectMany(package => package.GetTypes())
        .ToLookup(type => type.Name.Split('`')[0]);

    [Theory]
    [InlineData("From a registry's socket to a tree")]
    [InlineData("From a tree to a registry")]
    public void Every_method_of_a_walk_exists(string walk)
    {
        string[] steps = [.. Section(walk).Where(line => line.Length > 0 && char.IsAsciiDigit(line[0]))];
        Assert.InRange(steps.Length, 12, 20);
        Assert.All(steps, (step, index) => Assert.StartsWith($"{index + 1}. `", step, StringComparison.Ordinal));
        Assert.All(steps, step => Assert.NotEmpty(Method().Matches(step)));
        Assert.All(
            steps.SelectMany(step => Method().Matches(step)),
            named => Assert.True(HasMethod(named.Groups[1].Value, named.Groups[2].Value), named.Value));
    }

    [Fact]
    public void Every_file_that_a_change_goes_to_exists()
    {
        string[][] rows = [.. Section("Where a change goes").Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Split('|'))];
        Assert.InRange(rows.Length, 10, 15);
        Assert.All(rows, row => Assert.NotEmpty(Code().Matches(row[2])));
        Assert.All(rows.SelectMany(row => Code().Matches(row[2])), path => Assert.True(Exists(path.Groups[1].Value), path.Value));
    }

    private static IEnumerable<string> Section(string title) => File.ReadLines(Path.Combine(Source, "README.md"))
        .SkipWhile(line => line != $"## {title}")
        .Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    private static bool HasMethod(string type, string name) =>
        Types[type].Any(candidate => candidate.GetMethods(Declared).Any(method => method.Name == name));

    // A folder, a file, or a pattern of files.
    private static bool Exists(string path) =>
        Directory.EnumerateFileSystemEntries(Path.Combine(Source, Path.GetDirectoryName(path)!), Path.GetFileName(path)).Any();

    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex Method();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
