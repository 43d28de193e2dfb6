using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Blobs.Registry;

/// <summary>The range of bytes that a request asks for (RFC 9110, 14.2).</summary>
internal readonly record struct ByteRange(long First, long Length, bool IsPart, bool IsUnsatisfiable = false)
{
    /// <summary>Reads the range. Several ranges, other units and malformed headers are answered with the whole content,
    /// as the RFC allows.</summary>
    public static ByteRange Of(HttpRequest request, string entityTag, long length)
    {
        var whole = new ByteRange(0, length, IsPart: false);
        string? text = request.Headers.Range;
        if (string.IsNullOrEmpty(text) || (request.Headers.IfRange is { Count: > 0 } condition && condition != entityTag)
            || !RangeHeaderValue.TryParse(text, out RangeHeaderValue? header) || header.Unit != "bytes" || header.Ranges.Count != 1)
        {
            return whole;
        }

        RangeItemHeaderValue range = header.Ranges.First();
        if (range.From is not { } first)
        {
            // A suffix: the last N bytes.
            long count = Math.Min(range.To ?? 0, length);
            return count == 0 ? whole with { IsUnsatisfiable = true } : new ByteRange(length - count, count, IsPart: true);
        }

        long last = Math.Min(range.To ?? long.MaxValue, length - 1);
        return first > last ? whole with { IsUnsatisfiable = true } : new ByteRange(first, last - first + 1, IsPart: true);
    }
}
