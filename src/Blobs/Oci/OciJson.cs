using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Blobs.Errors;

namespace Blobs.Oci;

/// <summary>
/// Documents of images as JSON. Unknown members are ignored, <c>null</c> is absent, and names match in any case, as in the programs that
/// write them; nesting is bounded by the parser's own 64 levels.
/// </summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNameCaseInsensitive = true,
    Converters = [typeof(DigestConverter), typeof(DiffIdConverter), typeof(StringListConverter)])]
[JsonSerializable(typeof(ManifestJson))]
[JsonSerializable(typeof(SchemaOneJson))]
[JsonSerializable(typeof(ImageConfigJson))]
internal sealed partial class OciJson : JsonSerializerContext
{
    /// <summary>Reads a whole document.</summary>
    /// <param name="bytes">JSON, with or without white space around it.</param>
    /// <param name="type">What it should be.</param>
    /// <param name="what">What to call it in an error.</param>
    /// <param name="fault">What its faults are called.</param>
    public static T Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string what, Fault fault)
        where T : class
    {
        if (!Utf8.IsValid(bytes))
        {
            // Its readers would see different text: some refuse it, some put another character there.
            throw new MalformedDataException(fault, 0, $"{what}: is not UTF-8");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, type)
                ?? throw new MalformedDataException(fault, 0, $"{what}: is null, expected an object");
        }
        catch (JsonException error)
        {
            long offset = OffsetOf(bytes, error);
            throw new MalformedDataException(fault, offset, $"{what}: {Reason(error)} (at byte {offset})");
        }
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

    // The parser adds where it was in its own words: "… Path: $.x | LineNumber: 0 | BytePositionInLine: 5."
    private static string Reason(JsonException error)
    {
        string message = error.Message;
        int place = message.IndexOf(" Path: ", StringComparison.Ordinal);
        place = place < 0 ? message.IndexOf(" LineNumber: ", StringComparison.Ordinal) : place;
        string reason = (place < 0 ? message : message[..place]).TrimEnd('.', ' ').ReplaceLineEndings(" ");
        return string.IsNullOrEmpty(error.Path) || error.Path == "$" ? reason : $"{error.Path}: {reason}";
    }
}
