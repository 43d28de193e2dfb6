using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>What <c>sync</c> prints about a tag.</summary>
internal sealed record SyncReport
{
    public required string Tag { get; init; }

    /// <summary>unchanged, copied, updated, or failed; in a dry run also new.</summary>
    public required string State { get; init; }

    public required string? Digest { get; init; }

    public required int NewManifests { get; init; }

    public required int NewBlobs { get; init; }

    public required long SentBytes { get; init; }

    public required string? Error { get; init; }

    public static SyncReport From(SyncedTag tag, bool isDryRun) => new()
    {
        Tag = tag.Tag,
        State = (tag.State, isDryRun) switch
        {
            (SyncState.New, false) => "copied",
            (SyncState.New, true) => "would be copied",
            (SyncState.Updated, true) => "would be updated",
            (SyncState.Updated, false) => "updated",
            (SyncState.Failed, _) => "failed",
            _ => "unchanged",
        },
        Digest = tag.Digest?.ToString(),
        NewManifests = tag.NewManifests,
        NewBlobs = tag.NewBlobs,
        SentBytes = tag.SentBytes,
        Error = tag.Error,
    };

    public static void WriteText(IEnumerable<SyncReport> tags, TextWriter output)
    {
        foreach (SyncReport tag in tags)
        {
            string sent = tag.NewBlobs > 0 ? $", {tag.NewBlobs} {(tag.NewBlobs == 1 ? "blob" : "blobs")}, {Bytes.Show(tag.SentBytes)}" : "";
            string error = tag.Error is null ? "" : $": {tag.Error.ReplaceLineEndings(" ")}";
            output.WriteLine($"{Escape(tag.Tag)}: {tag.State}{sent}{error}");
        }
    }

    // Names in a layout are free-form: keep control characters off the terminal.
    private static string Escape(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
}
