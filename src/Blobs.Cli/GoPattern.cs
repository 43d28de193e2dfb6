using System.Text;
using System.Text.RegularExpressions;

namespace Blobs.Cli;

/// <summary>Patterns of Go's <c>path.Match</c>: <c>*</c> and <c>?</c> do not match a slash, <c>[a-z]</c> and <c>[^a-z]</c> match
/// one character, and a backslash takes the next character literally.</summary>
internal static partial class GoPattern
{
    /// <summary>Makes an expression for whole texts; null when the pattern is malformed.</summary>
    public static Regex? TryParse(string pattern)
    {
        var expression = new StringBuilder(@"\A");
        int at = 0;
        foreach (Match part in Parts().Matches(pattern))
        {
            if (part.Index != at)
            {
                return null;
            }

            at += part.Length;
            expression.Append(part.Value switch
            {
                "*" => "[^/]*",
                "?" => "[^/]",
                ['[', '^', .. var inside] => $"[^/{ClassOf(inside)}",
                ['[', .. var inside] => $"[{ClassOf(inside)}",
                ['\\', .. var literal] => Regex.Escape(literal),
                var literal => Regex.Escape(literal),
            });
        }

        return at == pattern.Length ? new Regex(expression.Append(@"\z").ToString(), Options) : null;
    }

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;

    // Inside a class, an opening bracket would subtract one.
    private static string ClassOf(string inside) => inside.Replace("[", @"\[", StringComparison.Ordinal);

    [GeneratedRegex(@"\*|\?|\[\^?(?:[^\]\\^-](?:-[^\]\\-])?)+\]|\\.|[^*?\[\\]", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
