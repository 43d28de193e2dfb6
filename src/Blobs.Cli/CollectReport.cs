using Blobs.Distribution.Storage;

namespace Blobs.Cli;

/// <summary>What <c>gc</c> prints.</summary>
internal sealed record CollectReport
{
    public required bool DryRun { get; init; }

    public required int Repositories { get; init; }

    public required int RemainingBlobs { get; init; }

    public required IReadOnlyList<string> Blobs { get; init; }

    public required long Bytes { get; init; }

    public required IReadOnlyList<string> Manifests { get; init; }

    public required IReadOnlyList<string> Links { get; init; }

    public required IReadOnlyList<string> Uploads { get; init; }

    public static CollectReport From(CollectionReport report, bool isDry) => new()
    {
        DryRun = isDry,
        Repositories = report.Repositories,
        RemainingBlobs = report.KeptBlobs,
        Blobs = [.. report.Blobs.Select(digest => $"{digest}")],
        Bytes = report.Bytes,
        Manifests = report.Manifests,
        Links = report.Links,
        Uploads = report.Uploads,
    };

    public void WriteText(TextWriter output, bool isQuiet)
    {
        if (!isQuiet)
        {
            WriteAll(output, "manifest", Manifests);
            WriteAll(output, "link", Links);
            WriteAll(output, "blob", Blobs);
            WriteAll(output, "upload", Uploads);
        }

        output.WriteLine(
            $"{(DryRun ? "would delete" : "deleted")} {Blobs.Count} blobs ({Cli.Bytes.Show(Bytes)}), {Manifests.Count} manifests, "
            + $"{Links.Count} links, {Uploads.Count} uploads; {RemainingBlobs} blobs in {Repositories} repositories remain");
    }

    private static void WriteAll(TextWriter output, string kind, IEnumerable<string> items)
    {
        foreach (string item in items)
        {
            output.WriteLine($"{kind,-8}  {item}");
        }
    }
}
