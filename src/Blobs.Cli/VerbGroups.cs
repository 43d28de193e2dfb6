using System.CommandLine;

namespace Blobs.Cli;

/// <summary>The groups of verbs in the help of the command.</summary>
internal static class VerbGroups
{
    private const int Gap = 2;

    private static readonly List<(string Title, Command[] Verbs)> Groups = [];

    /// <summary>Adds verbs to the command; its help lists them under <paramref name="title"/>.</summary>
    public static void AddGroup(this RootCommand root, string title, params Command[] verbs)
    {
        Groups.Add((title, verbs));
        foreach (Command verb in verbs)
        {
            root.Subcommands.Add(verb);
        }
    }

    /// <summary>Writes the help of the command: the verbs in their groups, and the options that precede any
    /// verb.</summary>
    public static void WriteHelp(RootCommand root, TextWriter output)
    {
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Usage:");
        output.WriteLine("  blobs VERB [ARGUMENT...] [--option...]");
        output.WriteLine("  blobs VERB --help");
        int width = root.Subcommands.Max(verb => verb.Name.Length);
        foreach ((string title, Command[] verbs) in Groups.Where(group => group.Verbs.Length > 0))
        {
            WriteSection(output, title, width, verbs.Select(verb => (verb.Name, FirstSentenceOf(verb))));
        }

        (string Label, string Description)[] options = [.. root.Options.Select(option => (LabelOf(option), FirstSentenceOf(option)))];
        WriteSection(output, "Options", options.Max(option => option.Label.Length), options);
        output.WriteLine();
    }

    // Every line of the help has to fit: the rest of a description is in the verb's own help.
    public static string FirstSentenceOf(Symbol symbol) => (symbol.Description ?? "").Split(". ")[0].TrimEnd('.') + '.';

    private static string LabelOf(Option option) =>
        string.Join(", ", option.Aliases.Append(option.Name).Where(name => name is not ['/', ..] and not "-?"))
        + (option.HelpName is { } value ? $" {value}" : "");

    private static void WriteSection(
        TextWriter output, string title, int width, IEnumerable<(string Name, string Description)> rows)
    {
        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach ((string name, string description) in rows)
        {
            output.WriteLine($"  {name.PadRight(width + Gap)}{description}");
        }
    }
}
