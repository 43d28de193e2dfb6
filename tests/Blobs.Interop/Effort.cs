using System.Globalization;

namespace Blobs.Interop;

/// <summary>How much a test does of what could go on for ever.</summary>
internal static class Effort
{
    /// <summary>The number that a variable says, or the usual one when nobody says.</summary>
    public static int Of(string variable, int usually) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int wanted) ? wanted : usually;
}
