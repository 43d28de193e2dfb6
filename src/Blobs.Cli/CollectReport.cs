using Blobs.Distribution.Collection;

namespace Blobs.Cli;

/// <summary>What <c>gc</c> prints.</summary>
internal sealed record CollectReport
{
    public required bool DryRun { get; init; }

    public required int Repositories { get; init; }

    public required long RemainingBlobs { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required IReadOnlyList<string> Manifests { get; init; }

    public required IReadOnlyList<string> Links { get; init; }

    public required IReadOnlyList<string> Blobs { get; init; }

    public required long Bytes { get; init; }

    public required IReadOnlyList<string> Uploads { get; init; }

    /// <summary>What stays although nothing needs it, because it is too young.</summary>
    public required long Young { get; init; }

    /// <summary>What a push kept while the collection ran, with its neighbours on the list.</summary>
    public required long Kept { get; init; }

    /// <summary>Deletions that the store did not confirm.</summary>
    public required long Unconfirmed { get; init; }

    /// <summary>Tagged manifests that lack something.</summary>
    public required IReadOnlyList<string> Broken { get; init; }

    /// <summary>Documents that cannot be parsed.</summary>
    public required IReadOnlyList<string> Unread { get; init; }

    public required bool ForeignWriter { get; init; }

    public static CollectReport From(CollectionReport report, IReadOnlyList<CollectedItem> items, bool isDry) => new()
    {
        DryRun = isDry,
        Repositories = report.Repositories,
        RemainingBlobs = report.KeptBlobs,
        Tags = Names(items, CollectedKind.Tag),
        Manifests = Names(items, CollectedKind.Manifest),
        Links = Names(items, CollectedKind.Link),
        Blobs = Names(items, CollectedKind.Blob),
        Bytes = report.Bytes,
        Uploads = Names(items, CollectedKind.Upload),
        Young = report.Young,
        Kept = report.Kept,
        Unconfirmed = report.Unconfirmed,
        Broken = report.Broken,
        Unread = report.Unread,
        ForeignWriter = report.HasForeignWriter,
    };

    public static string Line(CollectedItem item) => $"{item.Kind.ToString().ToLowerInvariant(),-8}  {item.Name}";

    public static void WriteSummary(TextWriter output, CollectionReport report, bool isDry)
    {
        output.WriteLine(
            $"{(isDry ? "would delete" : "deleted")} {report.Blobs} blobs ({Cli.Bytes.Show(report.Bytes)}), {report.Manifests} manifests, "
            + $"{report.Links} links, {report.Tags} tags, {report.Uploads} uploads; "
            + $"{report.KeptBlobs} blobs in {report.Repositories} repositories remain");
        WriteLeft(output, report.Young, "too young to delete");
        WriteLeft(output, report.Kept, "kept by pushes meanwhile; the next collection looks again");
        WriteLeft(output, report.Unconfirmed, "not confirmed by the store; the next collection repeats them");
    }

    public static void WriteNotices(TextWriter output, CollectionReport report)
    {
        foreach (string name in report.Broken)
        {
            output.WriteLine($"blobs: {name} lacks a blob or manifest, and stays because it is tagged or listed");
        }

        foreach (string name in report.Unread)
        {
            output.WriteLine($"blobs: {name} cannot be parsed, and stays with every digest in it");
        }

        if (report.HasForeignWriter)
        {
            output.WriteLine("blobs: another program pushes to this store: collect only while it pushes nothing");
        }
    }

    private static void WriteLeft(TextWriter output, long count, string why)
    {
        if (count > 0)
        {
            output.WriteLine($"left {count}: {why}");
        }
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<CollectedItem> items, CollectedKind kind) =>
        [.. items.Where(item => item.Kind == kind).Select(item => item.Name).Order(StringComparer.Ordinal)];
}
