using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Blobs.Files;

namespace Blobs.Cli;

/// <summary>Writes results: JSON to stdout, or a verb's data to a file or stdout.</summary>
internal static class Output
{
    /// <param name="value">The value to write.</param>
    /// <param name="type">Its JSON metadata.</param>
    /// <param name="dataTo">Where the verb's data went; when that is standard output, the JSON goes to stderr.</param>
    public static void WriteJson<T>(T value, JsonTypeInfo<T> type, string? dataTo = null)
    {
        using Stream output = HasStandardOutput(dataTo) ? Console.OpenStandardError() : Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(
            output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Writes a value as one line of JSON.</summary>
    public static void WriteJsonLine<T>(T value, JsonTypeInfo<T> type)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Writes a verb's report as JSON or text.</summary>
    /// <inheritdoc cref="WriteJson"/>
    public static void WriteReport<T>(
        T report, JsonTypeInfo<T> type, bool asJson, Action<TextWriter> writeText, string? dataTo = null)
    {
        if (asJson)
        {
            WriteJson(report, type, dataTo);
        }
        else
        {
            writeText(HasStandardOutput(dataTo) ? Console.Error : Console.Out);
        }
    }

    private static bool HasStandardOutput(string? dataTo) => dataTo is not null && OutputFile.IsStandardOutput(dataTo);

    /// <summary>Writes JSON documents as one array, indented as docker does.</summary>
    public static void WriteJsonArray(IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(
            output, new JsonWriterOptions { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (ReadOnlyMemory<byte> document in documents)
            {
                using JsonDocument parsed = JsonDocument.Parse(document);
                parsed.RootElement.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Writes a verb's data to a file or standard output. A file changes only when all went well; standard
    /// output has already received the bytes, so only the exit code tells.</summary>
    public static async Task<long> WriteFileAsync(string name, Func<Stream, Task<long>> write, CancellationToken cancellationToken)
    {
        await using OutputFile output = await OutputFile.OpenAsync(name, cancellationToken).ConfigureAwait(false);
        long bytes = await write(output.Stream).ConfigureAwait(false);
        output.Commit();
        return bytes;
    }
}
