using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Blobs.Json.Internal;

/// <summary>
/// Times as Go's encoding/json reads and writes them: RFC 3339 with at most nine digits of fraction, no trailing zeros, and the
/// original time zone. They are kept as text because no .NET type has nanoseconds.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class GoTime
{
    /// <summary>The text of Go's zero time.</summary>
    public const string Zero = "0001-01-01T00:00:00Z";

    private const int FractionDigits = 9;

    // .NET limits time zones to 14 hours; Go does not.
    private const int ZoneMinutesMax = 14 * 60;

    // Go up to 1.19, with which engines of 20.10 were built, accepts any two digits for the hours of a time zone.
    private const int ReadZoneMinutes = 100 * 60;

    /// <summary>The text that Go writes after it has read <paramref name="text"/>; null if Go rejects it.</summary>
    public static string? Normalize(string? text)
    {
        if (Match(text) is not { } match)
        {
            return null;
        }

        string fraction = match.Groups["fraction"].Value.Replace(',', '.');
        fraction = fraction[..Math.Min(fraction.Length, 1 + FractionDigits)].TrimEnd('0').TrimEnd('.');
        int minutes = Math.Abs(ZoneMinutes(match));
        string zone = minutes == 0
            ? "Z"
            : string.Create(CultureInfo.InvariantCulture, $"{match.Groups["zone"].Value[0]}{minutes / 60:00}:{minutes % 60:00}");
        string hour = match.Groups["hour"].Value.PadLeft(2, '0');
        return $"{match.Groups["date"].Value}T{hour}:{match.Groups["minutes"].Value}{fraction}{zone}";
    }

    public static string Of(DateTimeOffset time)
    {
        string text = time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
        return Normalize(text)!;
    }

    /// <summary>Parses a time to a precision of 100 nanoseconds. A time in year 0, which .NET does not have, becomes the start of
    /// year 1.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time)
    {
        time = default;
        if (Match(text) is not { } match)
        {
            return false;
        }

        string fraction = match.Groups["fraction"].Value;
        const int ReadDigits = 7;
        long ticks = fraction.Length == 0
            ? 0
            : long.Parse(fraction[1..].PadRight(ReadDigits, '0')[..ReadDigits], CultureInfo.InvariantCulture);
        int zone = ZoneMinutes(match);
        if (Number(match, "year") < 1)
        {
            return true;
        }

        DateTime local = new DateTime(Number(match, "year"), Number(match, "month"), Number(match, "day"))
            .AddSeconds((Number(match, "hour") * 3600) + (Number(match, "minute") * 60) + Number(match, "second")).AddTicks(ticks);
        long utc = Math.Clamp(local.Ticks - (zone * TimeSpan.TicksPerMinute), DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
        bool isKept = Math.Abs(zone) <= ZoneMinutesMax && utc == local.Ticks - (zone * TimeSpan.TicksPerMinute);
        time = isKept ? new DateTimeOffset(local, TimeSpan.FromMinutes(zone)) : new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    private static Match? Match(string? text)
    {
        if (text is null || Pattern().Match(text) is not { Success: true } match)
        {
            return null;
        }

        int year = Number(match, "year");
        int month = Number(match, "month");

        // Year 0 is a leap year, which .NET does not have; year 4 is one too.
        bool isDay = month is >= 1 and <= 12
            && Number(match, "day") is >= 1 and var day && day <= DateTime.DaysInMonth(year == 0 ? 4 : year, month);
        bool isTime = Number(match, "hour") < 24 && Number(match, "minute") < 60 && Number(match, "second") < 60;
        bool isZone = Math.Abs(ZoneMinutes(match)) < ReadZoneMinutes;
        return isDay && isTime && isZone ? match : null;
    }

    private static int ZoneMinutes(Match match)
    {
        int minutes = (Number(match, "zoneHour") * 60) + Number(match, "zoneMinute");
        return match.Groups["zone"].Value.StartsWith('-') ? -minutes : minutes;
    }

    private static int Number(Match match, string group) =>
        match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : 0;

    // An hour of one digit and a comma before the fraction are not valid in RFC 3339, but Go accepts them.
    [GeneratedRegex(
        @"^(?<date>(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2}))"
        + @"T(?<hour>[0-9]{1,2}):(?<minutes>(?<minute>[0-9]{2}):(?<second>[0-9]{2}))"
        + @"(?<fraction>[.,][0-9]+)?(?<zone>Z|[+-](?<zoneHour>[0-9]{2}):(?<zoneMinute>[0-9]{2}))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
