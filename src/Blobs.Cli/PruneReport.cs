using Blobs.Docker.Layers;

namespace Blobs.Cli;

/// <summary>What <c>layer prune</c> prints.</summary>
internal sealed record PruneReport(bool DryRun, IReadOnlyList<string> Layers, long Bytes)
{
    /// <summary>Layers that stay, with all their parents, because BuildKit's cache needs them.</summary>
    public required IReadOnlyList<string> Kept { get; init; }

    /// <summary>Why BuildKit's cache could not be read; null when it could.</summary>
    public required string? Problem { get; init; }

    public static PruneReport From(Removal<Layer> layers, bool isDry) =>
        new(isDry, [.. layers.Select(layer => $"{layer.ChainId}")], layers.Sum(layer => layer.Size))
        {
            Kept = [.. layers.Kept.Select(layer => $"{layer.Layer}")],
            Problem = layers.Problem,
        };

    public void WriteText(TextWriter output, bool isQuiet)
    {
        foreach (string layer in isQuiet ? [] : Layers)
        {
            output.WriteLine($"{(DryRun ? "Would delete" : "Deleted")}: {layer}");
        }

        string count = $"{Layers.Count} {(Layers.Count == 1 ? "layer" : "layers")}";
        output.WriteLine($"{(DryRun ? "Would reclaim" : "Reclaimed")}: {Cli.Bytes.Show(Bytes)} in {count}");
    }
}
