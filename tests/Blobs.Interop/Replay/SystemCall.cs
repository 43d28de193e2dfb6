using System.Globalization;
using System.Text;

namespace Blobs.Interop.Replay;

/// <summary>One call that strace saw come back: its arguments as strace writes them, strings and paths in hexadecimal.</summary>
/// <param name="Name">As the kernel calls it.</param>
/// <param name="Arguments">As they stand between the commas.</param>
/// <param name="Result">What stands behind the equals sign.</param>
/// <param name="Started">The line of the log at which it begins.</param>
/// <param name="Ended">The line at which it comes back.</param>
internal sealed record SystemCall(string Name, IReadOnlyList<string> Arguments, string Result, int Started, int Ended)
{
    /// <summary>What it gave back, without the path that strace adds to a handle.</summary>
    public long Value => long.Parse(Result.Split(' ', '<')[0], CultureInfo.InvariantCulture);

    /// <summary>The path of the handle that it gave back.</summary>
    public string ResultPath => PathIn(Result);

    public long Number(int argument) => Arguments[argument] is var text && text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Permissions as C writes them, in octal.</summary>
    public int Octal(int argument) => Arguments[argument].Split('|').Where(part => char.IsAsciiDigit(part[0])).Sum(part => Convert.ToInt32(part, 8));

    public int Handle(int argument) => int.Parse(Arguments[argument].Split('<')[0], CultureInfo.InvariantCulture);

    /// <summary>The path of a handle; empty when its file has no name any more.</summary>
    public string HandlePath(int argument) => Arguments[argument].Contains("(deleted)", StringComparison.Ordinal) ? "" : PathIn(Arguments[argument]);

    public byte[] Bytes(int argument) => BytesIn(Arguments[argument]);

    /// <summary>A name beside the directory's handle that it is relative to; <paramref name="directory"/> alone where there is none.</summary>
    public string PathAt(int directory, int name)
    {
        string path = Arguments[name] == "NULL" ? "" : Latin(BytesIn(Arguments[name]));
        return path.Length == 0 ? HandlePath(directory) : path[0] == '/' ? path : $"{HandlePath(directory)}/{path}";
    }

    public string Path(int argument) => Latin(Bytes(argument));

    /// <summary>Bytes as text of as many characters: names are not always UTF-8.</summary>
    public static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static string PathIn(string text)
    {
        int from = text.IndexOf('<', StringComparison.Ordinal);
        return from < 0 ? "" : Latin(Hexadecimal(text[(from + 1)..text.IndexOf('>', from)]));
    }

    private static byte[] BytesIn(string text)
    {
        Assert.EndsWith("\"", text, StringComparison.Ordinal);
        int from = text.IndexOf('"', StringComparison.Ordinal);
        return Hexadecimal(text[(from + 1)..^1]);
    }

    private static byte[] Hexadecimal(string escaped) => Convert.FromHexString(escaped.Replace(@"\x", "", StringComparison.Ordinal));
}
