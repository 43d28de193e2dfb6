using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Fuzz.Targets;

/// <summary>Ingests a layer into a new store and exports it: the same bytes, or an error that leaves nothing; and no
/// files outside the store.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PipelineTarget : IFuzzTarget
{
    private readonly string _scratch =
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"blobs-fuzz-{Environment.ProcessId}");

    public string Name => "pipeline";

    public void Run(ReadOnlySpan<byte> input)
    {
        string root = Path.Combine(Directory.CreateDirectory(_scratch).FullName, "root");
        try
        {
            Ingest(root, input.ToArray());
            string[] beside = [.. Directory.GetFileSystemEntries(_scratch).Where(path => path != root)];
            FindingException.ThrowIf(beside.Length > 0, $"outside the store: {string.Join(' ', beside)}");
        }
        finally
        {
            TreeRemover.Remove(_scratch);
        }
    }

    private static void Ingest(string root, byte[] input)
    {
        LayerStore store = LayerStore.Open(root, new DockerRootOptions { Driver = "overlay2", Durability = Durability.None });
        LayerIngestResult result;
        try
        {
            result = store.IngestAsync(new MemoryStream(input)).GetAwaiter().GetResult();
        }
        catch (BlobsException)
        {
            FindingException.ThrowIf(Directory.Exists(root), "a refused layer left something");
            throw;
        }

        var back = new MemoryStream();
        store.ExportAsync(result.Layer.ChainId, back).GetAwaiter().GetResult();
        FindingException.ThrowIf(back.Length != result.Summary.UncompressedBytes, "what came back is shorter or longer");
    }
}
