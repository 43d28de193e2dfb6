using System.Text;

namespace Blobs.Interop.Seen;

/// <summary>Bytes as readable text in which nothing is lost: printable ASCII as it is, all else as <c>\xNN</c>.</summary>
internal static class ByteText
{
    public static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte value in bytes)
        {
            _ = value is > 0x20 and < 0x7F and not (byte)'\\' ? text.Append((char)value) : text.Append($"\\x{value:x2}");
        }

        return text.ToString();
    }
}
