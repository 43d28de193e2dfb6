using System.CommandLine;
using System.CommandLine.Parsing;

namespace Blobs.Cli;

/// <summary>Values for the checks of a whole call. A word that could not be read is reported already, and has none.</summary>
internal static class ValidValues
{
    public static T? ValueIfValid<T>(this SymbolResult result, Argument<T> argument) => IfValid(() => result.GetValue(argument));

    public static T? ValueIfValid<T>(this SymbolResult result, Option<T> option) => IfValid(() => result.GetValue(option));

    private static T? IfValid<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
