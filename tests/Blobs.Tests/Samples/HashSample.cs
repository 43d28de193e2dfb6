using Blobs.Pipeline;

namespace Blobs.Tests.Samples;

/// <summary>Shown in README.md and src/Blobs/README.md.</summary>
internal static class HashSample
{
    public static async Task RunAsync(string layerFile)
    {
        await using FileStream layer = File.OpenRead(layerFile);
        LayerSummary summary = await LayerPipeline.RunAsync(layer);
        Console.WriteLine($"{summary.Digest} {summary.DiffId} {summary.EntryCount} entries, {summary.UncompressedBytes} bytes");
    }
}
