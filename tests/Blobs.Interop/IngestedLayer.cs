using System.Text.Json;

namespace Blobs.Interop;

/// <summary>The JSON object that <c>blobs ingest --json</c> prints.</summary>
internal sealed record IngestedLayer(
    string Digest, string DiffId, string ChainId, long CompressedBytes, long UncompressedBytes, CommandResult Run)
{
    public static IngestedLayer Parse(CommandResult result)
    {
        JsonElement json = result.Json;
        return new IngestedLayer(
            json.GetProperty("digest").GetString()!,
            json.GetProperty("diffId").GetString()!,
            json.GetProperty("chainId").GetString()!,
            json.GetProperty("compressedBytes").GetInt64(),
            json.GetProperty("uncompressedBytes").GetInt64(),
            result);
    }
}
