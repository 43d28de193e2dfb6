using Blobs.Docker;
using Blobs.Docker.Layers;

namespace Blobs.Tests.Samples;

/// <summary>Shown in README.md and src/Blobs.Docker/README.md.</summary>
internal static class LayerSample
{
    public static async Task RunAsync(string dataRoot, string layerFile, string tarFile)
    {
        DockerRoot root = DockerRoot.Open(dataRoot);
        await using FileStream layer = File.OpenRead(layerFile), tar = File.Create(tarFile);
        LayerIngestResult result = await root.Layers.IngestAsync(layer);
        await root.Layers.ExportAsync(result.Layer.ChainId, tar);
    }
}
