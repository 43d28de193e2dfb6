using System.Globalization;
using System.Text;

namespace Blobs.Json;

/// <summary>Decodes JSON strings as Go's encoding/json does: an escaped lone surrogate becomes U+FFFD. System.Text.Json
/// throws.</summary>
internal static class GoText
{
    private const int EscapeLength = 6;

    /// <summary>Decodes the content of a JSON string.</summary>
    /// <param name="raw">UTF-8 without the quotes, which a JSON reader has accepted.</param>
    public static string Unescape(ReadOnlySpan<byte> raw)
    {
        int escape = raw.IndexOf((byte)'\\');
        if (escape < 0)
        {
            return Encoding.UTF8.GetString(raw);
        }

        var text = new StringBuilder();
        while (escape >= 0)
        {
            text.Append(Encoding.UTF8.GetString(raw[..escape]));
            raw = raw[(escape + Append(text, raw[escape..]))..];
            escape = raw.IndexOf((byte)'\\');
        }

        return text.Append(Encoding.UTF8.GetString(raw)).ToString();
    }

    // Returns the length of the escape in bytes.
    private static int Append(StringBuilder text, ReadOnlySpan<byte> escape)
    {
        if (escape[1] != 'u')
        {
            text.Append(escape[1] switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                _ => (char)escape[1],
            });
            return 2;
        }

        char unit = Unit(escape);
        if (!char.IsSurrogate(unit))
        {
            text.Append(unit);
            return EscapeLength;
        }

        bool hasNext = escape.Length >= 2 * EscapeLength && escape[EscapeLength] == '\\' && escape[EscapeLength + 1] == 'u';
        if (hasNext && Unit(escape[EscapeLength..]) is var next && char.IsSurrogatePair(unit, next))
        {
            text.Append(unit).Append(next);
            return 2 * EscapeLength;
        }

        text.Append((char)Rune.ReplacementChar.Value);
        return EscapeLength;
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
