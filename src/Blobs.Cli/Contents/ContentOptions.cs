using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Places;

namespace Blobs.Cli.Contents;

/// <summary>Options and checks of verbs that read files of images.</summary>
internal static class ContentOptions
{
    public static Option<bool> Verify() => new("--verify")
    {
        Description = "Read the file's layer to its end and check its digests. Default: stop after the file, unchecked.",
    };

    /// <summary>Demands a path in the place.</summary>
    public static Argument<Place> WithPath(this Argument<Place> argument)
    {
        argument.Validators.Add(result =>
        {
            if (ValueOf(result, argument) is { Path: null } place)
            {
                result.AddError($"{place}: name a file in it, as {place}:/PATH");
            }
        });
        return argument;
    }

    // The parser throws where the value of a word that is no place is asked for, and reports that word on its own.
    private static Place? ValueOf(ArgumentResult result, Argument<Place> argument)
    {
        try
        {
            return result.GetValue(argument);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
