using System.CommandLine;

namespace Blobs.Cli.Completion;

/// <summary>What the words before the cursor say.</summary>
internal sealed class TypedWords
{
    private TypedWords(RootCommand root, string current) => (Root, Command, Current) = (root, root, current);

    public RootCommand Root { get; }

    /// <summary>The verb; the command itself when there is none yet.</summary>
    public Command Command { get; private set; }

    /// <summary>The start of the word to complete.</summary>
    public string Current { get; }

    /// <summary>The option whose value the word is.</summary>
    public Option? Option { get; private set; }

    /// <summary>The number of arguments before the word.</summary>
    public int Arguments { get; private set; }

    /// <summary>Whether <c>--</c> came before, or the words are those of a container's command.</summary>
    public bool AreOptionsOver { get; private set; }

    /// <summary>The data root that the words name, or the default.</summary>
    public string RootFolder { get; private set; } = CommonOptions.RootOrDefault;

    public static TypedWords Of(RootCommand root, string[] words)
    {
        var typed = new TypedWords(root, words.LastOrDefault() ?? "");
        foreach (string word in words.SkipLast(1))
        {
            typed.Add(word);
        }

        return typed;
    }

    private void Add(string word)
    {
        if (Option is { } option)
        {
            SetValue(option, word);
            Option = null;
        }
        else if (!AreOptionsOver && word is ['-', _, ..])
        {
            AddOption(word);
        }
        else if (Arguments == 0 && CommandLine.Subcommand(Command, word) is { } verb)
        {
            Command = verb;
        }
        else
        {
            Arguments++;
            AreOptionsOver |= Command.Name == Commands.CreateCommand.Verb;
        }
    }

    private void AddOption(string word)
    {
        if (word == "--")
        {
            AreOptionsOver = true;
            return;
        }

        string[] parts = word.Split('=', 2);
        Option? option = Command.Options.Concat(Root.Options)
            .FirstOrDefault(known => known.Name == parts[0] || known.Aliases.Contains(parts[0]));
        if (option is null || !CommandLine.TakesValue(option))
        {
            return;
        }

        if (parts.Length == 2)
        {
            SetValue(option, parts[1]);
        }
        else
        {
            Option = option;
        }
    }

    private void SetValue(Option option, string value)
    {
        if (option.Name == "--root")
        {
            RootFolder = value;
        }
    }
}
