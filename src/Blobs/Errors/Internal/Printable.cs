using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Blobs.Errors.Internal;

/// <summary>Makes names from archives, which are arbitrary bytes, fit for a message, which is one line of text.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Printable
{
    private const int ShownBytes = 120;

    /// <summary>The name in quotes. UTF-8 stays as it is, control characters and invalid bytes become <c>\xNN</c>, and a long name is
    /// cut.</summary>
    public static string Quote(ReadOnlySpan<byte> name) =>
        $"'{Escape(name.Length > ShownBytes ? name[..ShownBytes] : name)}{(name.Length > ShownBytes ? "…'" : "'")}";

    /// <summary>The whole name, without quotes: UTF-8 stays as it is, control characters and invalid bytes become
    /// <c>\xNN</c>.</summary>
    public static string Escape(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        ReadOnlySpan<byte> rest = name;
        while (!rest.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(rest, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (isValid && !Rune.IsControl(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (byte raw in rest[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{raw:x2}");
                }
            }

            rest = rest[length..];
        }

        return text.ToString();
    }
}
