using System.CommandLine;
using System.Text.Json;
using Blobs.Hashing;

namespace Blobs.Cli.Registries;

/// <summary>Prints a stored document: its exact bytes, whose hash is its digest, or as part of a JSON report.</summary>
internal static class DocumentOutput
{
    public static Option<bool> Json()
    {
        Option<bool> json = CommonOptions.Json();
        json.Description = "Print digest, media type, size and the indented document, instead of its exact bytes.";
        return json;
    }

    public static void Write(ReadOnlyMemory<byte> bytes, Digest digest, string mediaType, bool asJson)
    {
        if (asJson)
        {
            Output.WriteJson(
                new DocumentReport($"{digest}", mediaType, bytes.Length, Parse(bytes, digest)), RegistryJson.Default.DocumentReport);
            return;
        }

        using Stream output = Console.OpenStandardOutput();
        output.Write(bytes.Span);
        if (!Console.IsOutputRedirected)
        {
            output.WriteByte((byte)'\n');
        }
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> bytes, Digest digest)
    {
        try
        {
            return JsonElement.Parse(bytes.Span);
        }
        catch (JsonException)
        {
            throw new WorkFailedException($"{digest}: is not JSON; without --json it is printed as it is");
        }
    }
}
