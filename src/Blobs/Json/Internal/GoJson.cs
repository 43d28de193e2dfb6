using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Unicode;

namespace Blobs.Json.Internal;

/// <summary>
/// Escapes strings as Go's encoding/json does by default: the short forms (including <c>\b</c> and <c>\f</c>, as since Go 1.22),
/// <c>\u00xx</c> in lower case for other control characters, and escapes of <c>&lt; &gt; &amp;</c>, U+2028 and U+2029 to be safe
/// in HTML. Everything else stays as it is, including DEL and all other characters beyond ASCII.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GoJson
{
    // Bytes that may need an escape; 0xE2 begins U+2028 and U+2029.
    private static readonly SearchValues<byte> Special = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x20).Select(value => (byte)value),
        (byte)'"', (byte)'\\', (byte)'<', (byte)'>', (byte)'&', 0xe2,
    ]);

    /// <summary>Appends <paramref name="text"/>, which must be valid UTF-8, escaped and without quotes.</summary>
    public static void WriteEscaped(IBufferWriter<byte> target, ReadOnlySpan<byte> text)
    {
        Debug.Assert(Utf8.IsValid(text), "The caller checks the text.");
        while (true)
        {
            int plain = text.IndexOfAny(Special);
            if (plain < 0)
            {
                target.Write(text);
                return;
            }

            target.Write(text[..plain]);
            text = text[(plain + WriteOne(target, text[plain..]))..];
        }
    }

    /// <summary>Compacts JSON as Go does when it writes a <c>json.RawMessage</c>: removes white space and escapes what is unsafe in HTML;
    /// everything else stays as it is.</summary>
    public static byte[] Compact(ReadOnlySpan<byte> json)
    {
        var target = new ArrayBufferWriter<byte>(json.Length);
        bool isInString = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte value = json[i];
            if (isInString && value == '\\')
            {
                target.Write(json.Slice(i++, 2));
                continue;
            }

            isInString ^= value == '"';
            bool isEscaped = value is (byte)'<' or (byte)'>' or (byte)'&'
                || (value == 0xe2 && json[(i + 1)..] is [0x80, 0xa8 or 0xa9, ..]);
            if (isEscaped)
            {
                i += WriteOne(target, json[i..]) - 1;
            }
            else if (isInString || value is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                target.Write([value]);
            }
        }

        return target.WrittenSpan.ToArray();
    }

    private static int WriteOne(IBufferWriter<byte> target, ReadOnlySpan<byte> text)
    {
        if (text[0] == 0xe2)
        {
            bool isSeparator = text[1] == 0x80 && text[2] is 0xa8 or 0xa9;
            target.Write(!isSeparator ? text[..3] : text[2] == 0xa8 ? "\\u2028"u8 : "\\u2029"u8);
            return 3;
        }

        ReadOnlySpan<byte> escape = text[0] switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\b' => "\\b"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => [],
        };
        if (escape.IsEmpty)
        {
            ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
            target.Write("\\u00"u8);
            target.Write([digits[text[0] >> 4], digits[text[0] & 0xf]]);
        }

        target.Write(escape);
        return 1;
    }
}
