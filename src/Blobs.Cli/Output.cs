using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Blobs.Files;

namespace Blobs.Cli;

/// <summary>Results: JSON on stdout, or bytes to a file or to stdout.</summary>
internal static class Output
{
    /// <param name="value">What is written.</param>
    /// <param name="type">How.</param>
    /// <param name="dataTo">Where the verb's data went; when it has standard output, this goes to stderr.</param>
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

    /// <summary>What a verb has done: as JSON, or in words.</summary>
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

    /// <summary>Documents that are JSON already, as one array, indented as docker indents.</summary>
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

    /// <summary>Writes what <paramref name="write"/> gives to what the name stands for. A file is as it was unless all went well; standard
    /// output has seen the bytes either way, so there the exit code says it.</summary>
    public static async Task<long> WriteFileAsync(string name, Func<Stream, Task<long>> write, CancellationToken cancellationToken)
    {
        await using OutputFile output = await OutputFile.OpenAsync(name, cancellationToken).ConfigureAwait(false);
        long bytes = await write(output.Stream).ConfigureAwait(false);
        output.Commit();
        return bytes;
    }
}
