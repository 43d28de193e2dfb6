using System.Globalization;

namespace Blobs.Compression;

/// <summary>Describes invalid data after the end of a compressed stream: its offset, its length and its first bytes.</summary>
/// <param name="format">Name of the format.</param>
/// <param name="unit">Name of the parts that its streams consist of, such as "member".</param>
internal sealed class TrailingData(string format, string unit)
{
    private const int ShownBytes = 16;

    private readonly byte[] _first = new byte[ShownBytes];

    /// <summary>Number of bytes.</summary>
    public long Count { get; private set; }

    /// <summary>Offset of the data in the compressed stream, after the last member and any zero bytes; -1 if there is no such
    /// data.</summary>
    public long Offset { get; private set; } = -1;

    /// <summary>Whether there is such data.</summary>
    public bool IsPresent => Offset >= 0;

    public void Begin(long offset) => Offset = offset;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        int kept = (int)Math.Max(0, Math.Min(bytes.Length, ShownBytes - Count));
        if (kept > 0)
        {
            bytes[..kept].CopyTo(_first.AsSpan((int)Count));
        }

        Count += bytes.Length;
    }

    /// <summary>The error message.</summary>
    /// <param name="end">Offset of the end of the last member.</param>
    public string Message(long end)
    {
        string shown = Convert.ToHexStringLower(_first.AsSpan(0, (int)Math.Min(Count, ShownBytes)));
        string more = Count > ShownBytes ? "…" : "";
        string zeros = Offset > end ? string.Create(CultureInfo.InvariantCulture, $"after {Offset - end} zero bytes, ") : "";
        string follows = Count == 1
            ? "1 byte follows that is"
            : string.Create(CultureInfo.InvariantCulture, $"{Count} bytes follow that are");
        return string.Create(
            CultureInfo.InvariantCulture, $"{format}: the last {unit} ends at byte {end}; {zeros}{follows} not a {unit}: {shown}{more}");
    }
}
