using Blobs.Layers;

namespace Blobs.Cli;

/// <summary>Says that layers stay which nothing but BuildKit's cache needs.</summary>
internal static class KeptLayers
{
    public static void Tell(IReadOnlyCollection<KeptLayer> kept, bool isQuiet)
    {
        int count = kept.Distinct().Count();
        if (count > 0 && !isQuiet)
        {
            string what = count == 1 ? "1 layer stays" : $"{count} layers stay";
            Console.Error.WriteLine($"blobs: {what}, with those below: BuildKit's cache needs them (docker builder prune)");
        }
    }
}
