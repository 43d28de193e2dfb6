using System.Globalization;
using Blobs.Errors;

namespace Blobs.Images;

/// <summary>The time that reproducible builds use instead of the current one (reproducible-builds.org,
/// <c>SOURCE_DATE_EPOCH</c>).</summary>
public static class SourceDate
{
    private const string Variable = "SOURCE_DATE_EPOCH";

    /// <summary>The time that the environment variable <c>SOURCE_DATE_EPOCH</c> states, in seconds since 1970; null when
    /// it is unset or empty.</summary>
    /// <exception cref="MalformedDataException">It is not such a number.</exception>
    public static DateTimeOffset? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
        {
            return null;
        }

        bool isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds);
        return isNumber && seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new MalformedDataException(Fault.ConfigSyntax, 0, $"{Variable} is not a number of seconds since 1970");
    }
}
