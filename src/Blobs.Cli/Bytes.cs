using System.Globalization;

namespace Blobs.Cli;

/// <summary>Formats sizes and rates for people: decimal units, one decimal place.</summary>
internal static class Bytes
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    public static string Show(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : string.Create(CultureInfo.InvariantCulture, $"{value:f1} {Units[unit]}");
    }

    public static string Rate(long bytes, TimeSpan time) =>
        time <= TimeSpan.Zero ? "– MB/s" : string.Create(CultureInfo.InvariantCulture, $"{MegabytesPerSecond(bytes, time):f0} MB/s");

    public static double MegabytesPerSecond(long bytes, TimeSpan time) =>
        time <= TimeSpan.Zero ? 0 : bytes / 1e6 / time.TotalSeconds;
}
