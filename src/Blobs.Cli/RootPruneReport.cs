using System.Globalization;
using Blobs.Docker;

namespace Blobs.Cli;

/// <summary>What <c>prune</c> prints.</summary>
internal sealed record RootPruneReport
{
    public required bool DryRun { get; init; }

    public required IReadOnlyList<string> Containers { get; init; }

    public required IReadOnlyList<PrunedImage> Images { get; init; }

    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Digests; of incomplete blobs, the names of their files.</summary>
    public required IReadOnlyList<string> KeptBlobs { get; init; }

    /// <summary>Layers that stay, with all their parents, because BuildKit's cache needs them.</summary>
    public required IReadOnlyList<string> Kept { get; init; }

    /// <summary>Why BuildKit's cache could not be read; null when it could.</summary>
    public required string? Problem { get; init; }

    /// <summary>Why all kept blobs stay; null when they do not.</summary>
    public required string? BlobProblem { get; init; }

    public required long Bytes { get; init; }

    public static RootPruneReport From(RootPrune prune, bool isDry) => new()
    {
        DryRun = isDry,
        Containers = [.. prune.Containers.Select(container => container.Id)],
        Images = [.. prune.Images.Select(image =>
            new PrunedImage($"{image.Image.Id}", [.. image.Tags.Concat(image.Digests).Select(name => name.Familiar)]))],
        Layers = [.. prune.Layers.Select(layer => $"{layer.ChainId}")],
        KeptBlobs = [.. prune.Blobs.Select(blob => blob.Digest?.ToString() ?? Path.GetFileName(blob.Path))],
        Kept = [.. prune.Layers.Kept.Select(layer => $"{layer.Layer}")],
        Problem = prune.Layers.Problem,
        BlobProblem = prune.BlobProblem,
        Bytes = prune.Bytes,
    };

    /// <summary>How many of what, such as "2 images and 5 layers"; empty when there is nothing.</summary>
    public string Counts
    {
        get
        {
            string[] parts =
            [
                Count(Containers.Count, "container"), Count(Images.Count, "image"), Count(Layers.Count, "layer"),
                Count(KeptBlobs.Count, "kept blob"),
            ];
            parts = [.. parts.Where(part => part.Length > 0)];
            return parts.Length <= 1 ? string.Concat(parts) : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";
        }
    }

    /// <summary>Writes the lists in docker's form.</summary>
    public void WriteText(TextWriter output, bool isQuiet)
    {
        if (!isQuiet)
        {
            WriteList(output, "containers", Containers);
            WriteList(output, "images", Images.SelectMany(image =>
                image.Untagged.Select(name => $"untagged: {name}").Append($"deleted: {image.Id}")));
            WriteList(output, "layers", Layers.Select(layer => $"deleted: {layer}"));
            WriteList(output, "kept blobs", KeptBlobs.Select(blob => $"deleted: {blob}"));
        }

        output.WriteLine($"{(DryRun ? "Would reclaim" : "Total reclaimed space")}: {Human.ExactSize(Bytes)}");
    }

    private static string Count(int count, string what) =>
        count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private void WriteList(TextWriter output, string what, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (all.Length > 0)
        {
            output.WriteLine($"{(DryRun ? "Would delete" : "Deleted")} {what}:");
            Array.ForEach(all, output.WriteLine);
            output.WriteLine();
        }
    }
}

/// <summary>An image that a prune removed, and its names.</summary>
internal sealed record PrunedImage(string Id, IReadOnlyList<string> Untagged);
