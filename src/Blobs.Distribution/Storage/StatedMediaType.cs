using System.Text.Json;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>Reads the media type that a document states, for documents that do not parse as manifests.</summary>
internal static class StatedMediaType
{
    private const int LengthMax = 255;

    // The limit of Go's decoder.
    private const int DepthMax = 10_000;

    /// <summary>Returns the document's <c>mediaType</c>; that of arbitrary bytes when it has none, or one that is not
    /// valid in a header.</summary>
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
                    // Names are compared without regard to case, and the last one counts, as in the programs that write
                    // such documents.
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
            // The result is what was read up to here. Text that is not UTF-8 throws an InvalidOperationException.
        }

        return stated is not null && IsMediaType(stated) ? stated : MediaTypes.OctetStream;
    }

    // type/subtype as in RFC 6838, without parameters: nothing else may go into a header.
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
