using System.CommandLine;
using System.Globalization;

namespace Blobs.Cli;

/// <summary>Options whose value is a time, such as <c>90m</c>, <c>24h</c> or <c>1d12h</c>.</summary>
internal static class DurationOption
{
    private const int DaysMax = 36_500;

    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (TryParse(result.Tokens[0].Value) is { } time)
            {
                return time;
            }

            result.AddError($"{name}: '{result.Tokens[0].Value}' is not a time, such as 30s, 90m, 24h, 7d or 1d12h.");
            return null;
        },
    };

    /// <summary>Reads a time: numbers, each followed by one of <c>s</c>, <c>m</c>, <c>h</c> and <c>d</c>; 0 needs no
    /// unit. Null for anything else.</summary>
    internal static TimeSpan? TryParse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        double seconds = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                continue;
            }

            int unit = text[i] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
            if (unit == 0 || !int.TryParse(text.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return null;
            }

            seconds += (double)number * unit;
            start = i + 1;
        }

        return text.Length > 0 && start == text.Length && seconds <= DaysMax * 86_400.0 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
