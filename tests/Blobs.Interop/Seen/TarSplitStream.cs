using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;

namespace Blobs.Interop.Seen;

/// <summary>A recorded stream, line by line as it was written.</summary>
internal sealed partial class TarSplitStream
{
    private const int FileType = 1;

    private readonly string[] _lines;

    private TarSplitStream(string text)
    {
        Assert.True(text.Length == 0 || text[^1] == '\n', "the last line of the recording does not end");
        _lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(SameEscapes)];
    }

    public static TarSplitStream Read(string path) => new(Encoding.UTF8.GetString(LayerFiles.Gunzip(path)));

    /// <summary>The lines without the empty segment that tar-split up to 0.11.3 writes at the end.</summary>
    public IReadOnlyList<string> Lines =>
        _lines.Length > 0 && _lines[^1].Contains("\"payload\":\"\"", StringComparison.Ordinal) ? _lines[..^1] : _lines;

    /// <summary>The lines up to the last file, then the bytes after it in one piece however they were cut.</summary>
    public IReadOnlyList<string> LinesAndTail()
    {
        int files = Array.FindLastIndex(_lines, line => line.StartsWith("{\"type\":1,", StringComparison.Ordinal)) + 1;
        byte[] tail = [.. Entries().Skip(files).SelectMany(entry => entry.Segment ?? [])];
        return [.. _lines[..files], $"tail {tail.Length} {Sha256Text.Of(tail)}"];
    }

    public IEnumerable<Entry> Entries()
    {
        foreach (string line in _lines)
        {
            JsonElement json = JsonDocument.Parse(line).RootElement;
            if (json.GetProperty("type").GetInt32() != FileType)
            {
                yield return new Entry(json.GetProperty("payload").GetBytesFromBase64(), [], 0);
                continue;
            }

            byte[] name = json.TryGetProperty("name_raw", out JsonElement raw)
                ? raw.GetBytesFromBase64()
                : Encoding.UTF8.GetBytes(json.TryGetProperty("name", out JsonElement text) ? text.GetString()! : string.Empty);
            yield return new Entry(null, name, json.TryGetProperty("size", out JsonElement size) ? size.GetInt64() : 0);
        }
    }

    // Go 1.22 began to write \b and \f; the programs of Debian 12 are older and write \u0008 and \u000c.
    private static string SameEscapes(string line) => Escape().Replace(line, escape => escape.Value switch
    {
        @"\b" => @"\u0008",
        @"\f" => @"\u000c",
        _ => escape.Value,
    });

    [GeneratedRegex(@"\\.")]
    private static partial Regex Escape();

    /// <summary>A run of bytes, or a reference to a file's content.</summary>
    internal sealed record Entry(byte[]? Segment, byte[] Name, long Size);
}
