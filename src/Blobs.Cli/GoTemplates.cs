using System.CommandLine;

namespace Blobs.Cli;

/// <summary>Docker's option <c>--format</c>, whose values are templates in Go's language. Those are not built.</summary>
internal static class GoTemplates
{
    /// <summary>Makes a template wrong usage.</summary>
    /// <param name="format">The option.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="instead">A command that gives the same.</param>
    /// <param name="accepted">The words that are no templates.</param>
    public static void Refuse(Option<string?> format, string verb, string instead, params string[] accepted) =>
        format.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !accepted.Contains(text))
            {
                result.AddError($"{verb}: Go templates are not built; use --json, such as: {instead}");
            }
        });
}
