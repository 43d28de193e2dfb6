using System.Text;
using Blobs.Pipeline;
using Blobs.Tar;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs/README.md.</summary>
internal static class ScannerSample
{
    public static async Task RunAsync(string layerFile)
    {
        await using FileStream layer = File.OpenRead(layerFile);
        await LayerPipeline.RunAsync(layer, new LayerPipelineOptions { Entries = new Scanner() });
    }
}

internal sealed class Scanner : ITarSink
{
    public void Entry(TarEntry entry) => Console.WriteLine($"{Encoding.UTF8.GetString(entry.Name)} {entry.Size}");

    public void Payload(ReadOnlySpan<byte> bytes)
    {
        // The content of the entry, in pieces.
    }

    public void EndEntry()
    {
    }
}
