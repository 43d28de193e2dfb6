using Blobs.Docker.Layers;

namespace Blobs.Cli;

/// <summary>Tells the user about layers that stay only because BuildKit's cache needs them.</summary>
internal static class KeptLayers
{
    /// <summary>Counts those that <c>rmi</c> kept for that reason alone.</summary>
    public static void Report(IEnumerable<RemovedReport> removed, bool isQuiet) =>
        Report(removed.Where(item => item is { Kept: not null, IsProblem: false }).Select(item => item.Kept).Distinct().Count(), isQuiet);

    public static void Report(IReadOnlyCollection<KeptLayer> kept, bool isQuiet) => Report(kept.Distinct().Count(), isQuiet);

    private static void Report(int count, bool isQuiet)
    {
        if (count > 0 && !isQuiet)
        {
            string what = count == 1 ? "1 layer stays" : $"{count} layers stay";
            Console.Error.WriteLine($"blobs: {what}, with all parents: BuildKit's cache needs them (see docker builder prune)");
        }
    }
}
