using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Errors;

namespace Blobs.Cli.Places;

/// <summary>Arguments and options that take places. A word that cannot be one is a usage error.</summary>
internal static class PlaceArguments
{
    /// <summary>A required place to read from.</summary>
    /// <param name="name">Name in the help.</param>
    /// <param name="description">Description in the help.</param>
    /// <param name="plain">What a name without a transport means.</param>
    /// <param name="takesPath">Whether a path may follow.</param>
    /// <param name="check">Says why the verb does not take a place; null when it does.</param>
    public static Argument<Place> Required(
        string name,
        string description,
        PlainName plain = PlainName.InRoot,
        bool takesPath = true,
        Func<Place, string?>? check = null) => new(name)
        {
            Description = description,
            CustomParser = result =>
            {
                Place? place = Parse(result, result.Tokens[0], plain, takesPath);
                if (place is not null && check?.Invoke(place) is { } fault)
                {
                    result.AddError($"'{place}': {fault}");
                }

                return place!;
            },
        };

    /// <summary>Any number of places to read from.</summary>
    /// <param name="name">Name in the help.</param>
    /// <param name="description">Description in the help.</param>
    /// <param name="arity">How many.</param>
    /// <param name="plain">What a name without a transport means.</param>
    /// <param name="takesPath">Whether a path may follow.</param>
    public static Argument<Place[]> Many(
        string name, string description, ArgumentArity arity, PlainName plain = PlainName.InRoot, bool takesPath = true) => new(name)
        {
            Description = description,
            Arity = arity,
            CustomParser = result => [.. result.Tokens.Select(token => Parse(result, token, plain, takesPath)!)],
        };

    /// <summary>An option that takes a place without a path.</summary>
    public static Option<Place?> Option(string name, string description, PlainName plain = PlainName.InRoot) => new(name)
    {
        Description = description,
        HelpName = "PLACE",
        CustomParser = result => Parse(result, result.Tokens[0], plain, takesPath: false),
    };

    private static Place? Parse(ArgumentResult result, Token token, PlainName plain, bool takesPath)
    {
        try
        {
            return Place.Parse(token.Value, plain, takesPath);
        }
        catch (MalformedDataException fault)
        {
            result.AddError(fault.Message);
            return null;
        }
    }
}
