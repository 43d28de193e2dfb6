using Blobs.Layers;

namespace Blobs.Cli;

/// <summary>What <c>layer prune</c> prints.</summary>
internal sealed record PruneReport(bool DryRun, IReadOnlyList<string> Layers, long Bytes)
{
    public static PruneReport From(IReadOnlyList<Layer> layers, bool isDry) =>
        new(isDry, [.. layers.Select(layer => $"{layer.ChainId}")], layers.Sum(layer => layer.Size));

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
