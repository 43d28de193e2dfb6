using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Json.Internal;

/// <summary>
/// A JSON document, read as Go's encoding/json reads it into a struct, because that is how engines, registries and their tools read
/// theirs: member names match in any case, the last of several members wins, <c>null</c> is the type's zero value, unknown members
/// are ignored, and a member of the wrong type is an error. The reader of each document chooses the types.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GoDocument : IDisposable
{
    /// <summary>Maximum depth of a document, the same as in Go. No code here recurses into a document.</summary>
    public const int DepthMax = 10_000;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly JsonDocument _document;
    private readonly string _what;
    private readonly Fault _fault;

    private GoDocument(ReadOnlyMemory<byte> bytes, string what, Fault fault)
    {
        _bytes = bytes;
        _what = what;
        _fault = fault;
        _document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = DepthMax });
    }

    /// <summary>The value of the whole document.</summary>
    public GoValue Root => new(this, _document.RootElement, [_document.RootElement]);

    /// <summary>Reads bytes that hold one document and nothing else, as Go's <c>Unmarshal</c> does.</summary>
    /// <param name="bytes">JSON, with or without white space around it; must not change until the document is disposed.</param>
    /// <param name="what">The document's name in errors.</param>
    /// <param name="fault">The fault to report for the document.</param>
    /// <exception cref="MalformedDataException">The bytes are not JSON.</exception>
    public static GoDocument Parse(ReadOnlyMemory<byte> bytes, string what, Fault fault)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            // Readers disagree on invalid UTF-8: some reject it, some replace it by another character.
            throw new MalformedDataException(fault, 0, $"{what}: is not UTF-8");
        }

        if (bytes.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new MalformedDataException(fault, 0, $"{what}: is empty, expected JSON");
        }

        try
        {
            return new GoDocument(bytes, what, fault);
        }
        catch (JsonException error)
        {
            long offset = OffsetOf(bytes.Span, error);
            throw new MalformedDataException(fault, offset, $"{what}: {Reason(error)} (at byte {offset})");
        }
    }

    /// <summary>Reads the first document and ignores everything after it, as Go's <c>Decoder</c> does.</summary>
    /// <param name="bytes">JSON; must not change until the document is disposed.</param>
    /// <param name="what">The document's name in errors.</param>
    /// <param name="fault">The fault to report for the document.</param>
    /// <exception cref="MalformedDataException">The bytes are not JSON.</exception>
    public static GoDocument ParseFirst(ReadOnlyMemory<byte> bytes, string what, Fault fault) =>
        Parse(bytes[..FirstLength(bytes.Span)], what, fault);

    /// <summary>The error for a value, with its path and offset.</summary>
    public MalformedDataException Refuse(JsonElement at, string why)
    {
        int offset = OffsetOf(at);
        return new MalformedDataException(_fault, offset, $"{_what}: {PathTo(offset)}: {why} (at byte {offset})");
    }

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();

    private static int FirstLength(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = DepthMax, AllowMultipleValues = true });
        try
        {
            return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : bytes.Length;
        }
        catch (JsonException)
        {
            // Parsing all of it reports the error.
            return bytes.Length;
        }
    }

    private int OffsetOf(JsonElement element) =>
        _bytes.Span.Overlaps(JsonMarshal.GetRawUtf8Value(element), out int offset) ? offset : 0;

    // A path such as $.history[3].created. It is found by reading the document again up to the offset, so that documents without
    // faults pay nothing.
    private string PathTo(int offset)
    {
        var reader = new Utf8JsonReader(_bytes.Span, new JsonReaderOptions { MaxDepth = DepthMax });
        var above = new Stack<(string? Name, int Index)>();
        (string? Name, int Index) place = (null, -1);
        while (reader.Read() && (reader.TokenStartIndex < offset || reader.TokenType == JsonTokenType.PropertyName))
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    place.Name = GoText.Unescape(reader.ValueSpan);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    above.Push(place);
                    place = (null, reader.TokenType == JsonTokenType.StartArray ? 0 : -1);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    place = above.Pop();
                    place.Index += place.Index < 0 ? 0 : 1;
                    break;
                default:
                    place.Index += place.Index < 0 ? 0 : 1;
                    break;
            }
        }

        var path = new StringBuilder("$");
        foreach ((string? name, int index) in above.Reverse().Append(place))
        {
            _ = index >= 0 ? path.Append(CultureInfo.InvariantCulture, $"[{index}]") : path.Append(name is null ? "" : $".{Shown(name)}");
        }

        return path.ToString();
    }

    private static string Shown(string name)
    {
        bool isPlain = name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/');
        return isPlain ? name : Printable.Quote(Encoding.UTF8.GetBytes(name));
    }

    private static long OffsetOf(ReadOnlySpan<byte> bytes, JsonException error)
    {
        long offset = error.BytePositionInLine ?? 0;
        int start = 0;
        for (long line = error.LineNumber ?? 0; line > 0; line--)
        {
            start += bytes[start..].IndexOf((byte)'\n') + 1;
        }

        return start + offset;
    }

    // Removes the position that System.Text.Json adds: "… LineNumber: 0 | BytePositionInLine: 5."
    private static string Reason(JsonException error)
    {
        string message = error.Message;
        int place = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return (place < 0 ? message : message[..place]).TrimEnd('.', ' ').ReplaceLineEndings(" ");
    }
}
