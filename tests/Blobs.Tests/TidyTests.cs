using System.Text.RegularExpressions;
using Blobs.Tests.Testing;

namespace Blobs.Tests;

/// <summary>Style that a machine can hold.</summary>
public sealed partial class TidyTests
{
    private const int LongestLine = 140;
    private const int LongestFile = 600;

    [Fact]
    public void No_line_is_too_long() =>
        Assert.Empty(Repository.Sources("src").SelectMany(source => source.Text.Split('\n')
            .Select((line, index) => (line, index))
            .Where(item => item.line.Length > LongestLine)
            .Select(item => $"{source.Path}:{item.index + 1} has {item.line.Length} characters")));

    [Fact]
    public void No_file_holds_two_concepts_worth_of_lines() =>
        Assert.Empty(Repository.Sources("src")
            .Select(source => (source.Path, Count: source.Text.Count(character => character == '\n')))
            .Where(item => item.Count > LongestFile)
            .Select(item => $"{item.Path} has {item.Count} lines"));

    [Fact]
    public void Nothing_waits_for_a_task_by_blocking() =>
        Assert.Empty(Repository.Sources("src").Where(source => Blocking().IsMatch(source.Text)).Select(source => source.Path));

    [Fact]
    public void Nothing_is_left_to_do() =>
        Assert.Empty(Repository.Sources("src").Concat(Repository.Sources("bench"))
            .Where(source => Unfinished().IsMatch(source.Text)).Select(source => source.Path));

    [Fact]
    public void Nothing_has_two_summaries() =>
        Assert.Empty(Repository.Sources("src").Where(source => TwoSummaries().IsMatch(source.Text)).Select(source => source.Path));

    [Fact]
    public void The_library_lists_directories_in_one_place() =>
        Assert.Equal(
            ["DirectoryList.cs"],
            Repository.Sources("src/Blobs").Where(source => Listing().IsMatch(source.Text)).Select(source => Path.GetFileName(source.Path)));

    [GeneratedRegex(@"\bDirectory\.(Enumerate|Get)(Files|Directories|FileSystemEntries)\b")]
    private static partial Regex Listing();

    [GeneratedRegex(@"</summary>\s*///\s*<summary>")]
    private static partial Regex TwoSummaries();

    [GeneratedRegex(@"\.Result\b|\.GetAwaiter\(\)\.GetResult\(\)|\.Wait\(\)")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|NotImplementedException")]
    private static partial Regex Unfinished();
}
