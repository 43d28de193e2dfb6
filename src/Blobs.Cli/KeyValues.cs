using System.CommandLine;
using System.CommandLine.Parsing;

namespace Blobs.Cli;

/// <summary>Arguments and options of the form <c>KEY=VALUE</c>.</summary>
internal static class KeyValues
{
    /// <summary>An option that may be repeated.</summary>
    public static Option<IReadOnlyDictionary<string, string>> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => Parse(result, $"{name}: "),
    };

    /// <summary>Any number of arguments.</summary>
    public static Argument<IReadOnlyDictionary<string, string>> Arguments(string description) => new("KEY=VALUE")
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = result => Parse(result, ""),
    };

    private static Dictionary<string, string> Parse(ArgumentResult result, string prefix)
    {
        var values = new Dictionary<string, string>();
        foreach (string text in result.Tokens.Select(token => token.Value))
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                values[text[..equals]] = text[(equals + 1)..];
            }
            else
            {
                result.AddError($"{prefix}'{text}' is not of the form KEY=VALUE");
            }
        }

        return values;
    }
}
