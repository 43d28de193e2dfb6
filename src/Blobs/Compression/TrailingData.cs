using System.Globalization;

namespace Blobs.Compression;

/// <summary>What follows the end of a compressed stream and does not belong there: counted to its end, its first bytes kept.</summary>
/// <param name="format">Name of the format.</param>
/// <param name="unit">What its streams consist of.</param>
internal sealed class TrailingData(string format, string unit)
{
    private const int ShownBytes = 16;

    private readonly byte[] _first = new byte[ShownBytes];

    /// <summary>How many bytes.</summary>
    public long Count { get; private set; }

    /// <summary>Where they begin in the compressed stream: behind the last member, and behind zeros that may follow it.</summary>
    public long Offset { get; private set; } = -1;

    /// <summary>Whether there are any.</summary>
    public bool IsThere => Offset >= 0;

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

    /// <summary>One sentence, for whoever wonders what it is.</summary>
    /// <param name="end">Where the last member ends.</param>
    public string Message(long end)
    {
        string shown = Convert.ToHexStringLower(_first.AsSpan(0, (int)Math.Min(Count, ShownBytes)));
        string more = Count > ShownBytes ? "…" : "";
        string zeros = Offset > end ? string.Create(CultureInfo.InvariantCulture, $"behind {Offset - end} zero bytes, ") : "";
        string follows = Count == 1
            ? "1 byte follows that is"
            : string.Create(CultureInfo.InvariantCulture, $"{Count} bytes follow that are");
        return string.Create(
            CultureInfo.InvariantCulture, $"{format}: the last {unit} ends at byte {end}; {zeros}{follows} no {unit}: {shown}{more}");
    }
}
