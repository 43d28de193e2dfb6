using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Fuzz.Targets;

/// <summary>A layer into a store of its own and back: the same bytes, or a refusal that leaves nothing; and never anything outside.</summary>
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
            FindingException.ThrowIf(beside.Length > 0, $"outside of the store: {string.Join(' ', beside)}");
        }
        finally
        {
            TreeRemover.Remove(_scratch);
        }
    }

    private static void Ingest(string root, byte[] input)
    {
        LayerStore store = LayerStore.Open(root, new LayerStoreOptions { Driver = "overlay2", Durability = Durability.None });
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
