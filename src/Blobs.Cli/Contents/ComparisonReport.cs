using Blobs.Images;

namespace Blobs.Cli.Contents;

/// <summary>What <c>diff</c> prints.</summary>
internal sealed record ComparisonReport(IReadOnlyList<ChangeReport> Files, IReadOnlyList<ConfigDifference> Config)
{
    public void WriteText(TextWriter output)
    {
        foreach (ChangeReport change in Files)
        {
            output.WriteLine($"{change.Kind} {change.Path}{(change.Detail.Length > 0 ? $"  ({change.Detail})" : "")}");
        }

        foreach (ConfigDifference difference in Config)
        {
            string kind = difference.Before is null ? "A" : difference.After is null ? "D" : "C";
            string values = kind switch
            {
                "A" => difference.After!,
                "D" => difference.Before!,
                _ => $"{difference.Before} → {difference.After}",
            };
            output.WriteLine($"{kind} config {difference.Name}: {values}");
        }
    }
}

/// <summary>One file that differs.</summary>
/// <param name="Kind">A for added, D for removed, C for changed, as <c>docker diff</c> says it.</param>
/// <param name="Path">The path.</param>
/// <param name="Differences">In what a changed file differs.</param>
/// <param name="Before">The file before.</param>
/// <param name="After">The file after.</param>
internal sealed record ChangeReport(string Kind, string Path, IReadOnlyList<string> Differences, FileReport? Before, FileReport? After)
{
    /// <summary>The differences in words; empty for added and removed files.</summary>
    internal string Detail { get; private init; } = "";

    public static ChangeReport From(FileChange change) => new(
        change.Before is null ? "A" : change.After is null ? "D" : "C",
        FileText.PathOf((change.After ?? change.Before)!),
        [.. Enum.GetValues<FileDifferences>().Where(one => one != FileDifferences.None && change.Differences.HasFlag(one))
            .Select(one => $"{one}".ToLowerInvariant())],
        change.Before is null ? null : FileReport.From(change.Before),
        change.After is null ? null : FileReport.From(change.After))
    {
        Detail = change is { Before: { } before, After: { } after } ? DetailOf(before.File, after.File, change.Differences) : "",
    };

    private static string DetailOf(ImageFile before, ImageFile after, FileDifferences differences)
    {
        var words = new List<string>();
        Add(FileDifferences.Type, $"{FileText.TypeOf(before)} → {FileText.TypeOf(after)}");
        Add(FileDifferences.Content, $"{Human.Size(before.Size)} → {Human.Size(after.Size)}");
        Add(FileDifferences.Mode, $"{FileText.OctalOf(before)} → {FileText.OctalOf(after)}");
        Add(FileDifferences.Owner, $"{before.Uid}:{before.Gid} → {after.Uid}:{after.Gid}");
        Add(FileDifferences.Target, $"{FileText.TargetOf(before)} → {FileText.TargetOf(after)}");
        Add(FileDifferences.Device, "device numbers");
        Add(FileDifferences.Attributes, "attributes");
        return string.Join(", ", words);

        void Add(FileDifferences difference, string text)
        {
            if (differences.HasFlag(difference))
            {
                words.Add(text);
            }
        }
    }
}
