using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Blobs.Cli;

/// <summary>Results: JSON on stdout, or bytes to a file or to stdout.</summary>
internal static class Output
{
    public static void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        using Stream output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, value, type);
        output.WriteByte((byte)'\n');
    }

    /// <summary>What a verb has done: as JSON, or in words.</summary>
    public static void WriteReport<T>(T report, JsonTypeInfo<T> type, bool asJson, Action<TextWriter> writeText)
    {
        if (asJson)
        {
            WriteJson(report, type);
        }
        else
        {
            writeText(Console.Out);
        }
    }

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

    /// <summary>
    /// Writes what <paramref name="write"/> gives. A file is complete or not there: it is written beside its place and moved
    /// in when all went well. Standard output has seen the bytes either way, so there the exit code says it.
    /// </summary>
    public static async Task<long> WriteFileAsync(string name, Func<Stream, Task<long>> write)
    {
        if (name == "-")
        {
            await using Stream output = StandardStreams.OpenOutput();
            return await write(output).ConfigureAwait(false);
        }

        // A device takes bytes as they come; /dev/shm is a directory of files like any other.
        if (name.StartsWith("/dev/", StringComparison.Ordinal) && !name.StartsWith("/dev/shm/", StringComparison.Ordinal))
        {
            await using FileStream device = new(name, FileMode.Open, FileAccess.Write);
            return await write(device).ConfigureAwait(false);
        }

        string temporary = $"{name}.{Path.GetRandomFileName()}";
        try
        {
            long bytes;
            await using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                bytes = await write(file).ConfigureAwait(false);
            }

            File.Move(temporary, name, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
