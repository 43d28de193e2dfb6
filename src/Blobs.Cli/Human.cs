using System.Globalization;

namespace Blobs.Cli;

/// <summary>Formats sizes and times as docker does (its go-units package): scripts parse these columns.</summary>
internal static class Human
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    // The maximum of Go's time.Duration, which docker's output is capped at.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(106_751);

    /// <summary>Three significant digits and a unit, as in <c>docker images</c>: <c>1.98MB</c>.</summary>
    public static string Size(long bytes) => Size(bytes, digits: 3);

    /// <summary>Four significant digits and a unit, as in <c>docker system df</c>: <c>1.985MB</c>.</summary>
    public static string ExactSize(long bytes) => Size(bytes, digits: 4);

    private static string Size(long bytes, int digits)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return Digits(value, digits) + Units[unit];
    }

    /// <summary>How long ago something was created. <c>N/A</c> for Go's zero time, which stands for a missing one.</summary>
    public static string Since(DateTimeOffset time) =>
        time.UtcTicks < TimeSpan.TicksPerSecond ? "N/A" : $"{Duration(DateTimeOffset.UtcNow - time)} ago";

    /// <summary>A duration, without "ago".</summary>
    public static string Duration(TimeSpan time)
    {
        const int HoursOfDay = 24;
        const int HoursOfWeek = 7 * HoursOfDay;
        const int HoursOfMonth = 30 * HoursOfDay;
        const int HoursOfYear = 365 * HoursOfDay;
        time = time > Longest ? Longest : time;
        int hours = (int)(time.TotalHours + 0.5);
        return (int)time.TotalSeconds switch
        {
            < 1 => "Less than a second",
            1 => "1 second",
            < 60 => Of((int)time.TotalSeconds, "seconds"),
            < 120 => "About a minute",
            < 3600 => Of((int)time.TotalMinutes, "minutes"),
            _ => hours switch
            {
                1 => "About an hour",
                < 2 * HoursOfDay => Of(hours, "hours"),
                < 2 * HoursOfWeek => Of(hours / HoursOfDay, "days"),
                < 2 * HoursOfMonth => Of(hours / HoursOfWeek, "weeks"),
                < 2 * HoursOfYear => Of(hours / HoursOfMonth, "months"),
                _ => Of((int)time.TotalHours / HoursOfYear, "years"),
            },
        };
    }

    private static string Of(int count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}");

    // As C's %.3g: no trailing zeros, and a value that rounds to 1000 becomes 1e+03.
    private static string Digits(double value, int digits)
    {
        int before = value < 9.5 ? 1 : value < 99.5 ? 2 : value < 999.5 ? 3 : 4;
        string text = value.ToString($"F{Math.Max(0, digits - before)}", CultureInfo.InvariantCulture);

        // Rounding may have added a digit.
        before = text.Split('.')[0].Length;
        return before > digits
            ? "1e+03"
            : value.ToString($"0.{new string('#', digits - before)}", CultureInfo.InvariantCulture);
    }
}
