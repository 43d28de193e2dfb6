using Blobs.Docker.Layers;

namespace Blobs.Cli;

/// <summary>Tells the user about layers that stay only because BuildKit's cache needs them.</summary>
internal static class KeptLayers
{
    public static void Report(IReadOnlyCollection<KeptLayer> kept, bool isQuiet)
    {
        int count = kept.Distinct().Count();
        if (count > 0 && !isQuiet)
        {
            string what = count == 1 ? "1 layer stays" : $"{count} layers stay";
            Console.Error.WriteLine($"blobs: {what}, with all parents: BuildKit's cache needs them (see docker builder prune)");
        }
    }
}
