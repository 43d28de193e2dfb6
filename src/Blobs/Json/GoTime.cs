using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Blobs.Json;

/// <summary>
/// Times as Go's encoding/json writes them: RFC 3339, at most nine digits of fraction, none of them a zero at the end, and the zone as it
/// was read. Kept as text, since no type of the framework has nanoseconds.
/// </summary>
internal static partial class GoTime
{
    /// <summary>What Go's zero time looks like.</summary>
    public const string Zero = "0001-01-01T00:00:00Z";

    private const int FractionDigits = 9;

    /// <summary>The text that Go would write for the time it reads from <paramref name="text"/>; null when it would not read it.</summary>
    public static string? Normalize(string? text)
    {
        if (text is null || Pattern().Match(text) is not { Success: true } match || !TryParse(text, out _))
        {
            return null;
        }

        string fraction = match.Groups["fraction"].Value;
        fraction = fraction[..Math.Min(fraction.Length, 1 + FractionDigits)].TrimEnd('0').TrimEnd('.');
        string zone = match.Groups["zone"].Value;
        return match.Groups["seconds"].Value + fraction + (zone is "+00:00" or "-00:00" ? "Z" : zone);
    }

    public static string Of(DateTimeOffset time)
    {
        string text = time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
        return Normalize(text)!;
    }

    /// <summary>The time itself, to the last 100 nanoseconds.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null || Pattern().Match(text) is not { Success: true } match)
        {
            return false;
        }

        // The framework reads seven digits of fraction and no more.
        const int ReadDigits = 7;
        string fraction = match.Groups["fraction"].Value;
        fraction = fraction[..Math.Min(fraction.Length, 1 + ReadDigits)];
        return DateTimeOffset.TryParse(
            match.Groups["seconds"].Value + fraction + match.Groups["zone"].Value,
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out time);
    }

    [GeneratedRegex(
        @"^(?<seconds>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?<fraction>\.\d+)?(?<zone>Z|[+-]\d\d:\d\d)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
