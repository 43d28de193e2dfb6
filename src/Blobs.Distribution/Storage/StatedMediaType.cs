using System.Text.Json;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>What a document says it is, read as far as it can be read: for one that is no manifest we know.</summary>
internal static class StatedMediaType
{
    private const int LengthMax = 255;

    // Go's decoder has this limit.
    private const int DepthMax = 10_000;

    /// <summary>The document's <c>mediaType</c>; that of bytes when it has none, or one that no header could carry.</summary>
    public static string Of(ReadOnlySpan<byte> document)
    {
        string? stated = null;
        try
        {
            var json = new Utf8JsonReader(
                document, new JsonReaderOptions { MaxDepth = DepthMax, CommentHandling = JsonCommentHandling.Disallow });
            bool isOurs = false;
            while (json.Read())
            {
                if (json.CurrentDepth == 0 && json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
                {
                    break;
                }

                if (json is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName })
                {
                    // Names match in any case, and the last one counts, as in the programs that write them.
                    isOurs = json.ValueSpan.Length == "mediaType".Length
                        && System.Text.Ascii.EqualsIgnoreCase(json.ValueSpan, "mediaType"u8);
                }
                else if (isOurs)
                {
                    isOurs = false;
                    stated = json.TokenType == JsonTokenType.String && json.ValueSpan.Length <= LengthMax ? json.GetString() : stated;
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Up to here it could be read; text that is not UTF-8 says that the operation is invalid.
        }

        return stated is not null && IsMediaType(stated) ? stated : MediaTypes.OctetStream;
    }

    // type/subtype of RFC 6838, without parameters: nothing else goes into a header.
    private static bool IsMediaType(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 && IsName(text.AsSpan(0, slash)) && IsName(text.AsSpan(slash + 1));
    }

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && !"!#$&-^_.+".Contains(letter, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
