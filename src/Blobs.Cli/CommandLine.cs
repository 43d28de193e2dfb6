using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Blobs.Cli.Commands;

namespace Blobs.Cli;

/// <summary>
/// Parses a call. <c>--root</c> and <c>--store</c> may come before the verb. An unknown word that begins with a dash
/// is an error: the parser alone would take it for a name and start the work.
/// </summary>
internal static class CommandLine
{
    private const string EndOfOptions = "--";

    // No response files: a file's name may begin with @.
    private static readonly ParserConfiguration Configuration = new() { ResponseFileTokenReplacer = null };

    public static ParseResult Parse(RootCommand root, string[] arguments) => root.Parse(Arrange(root, arguments), Configuration);

    /// <summary>The usage errors of a call, one line each; empty when the verb may run.</summary>
    public static IReadOnlyList<string> ErrorsOf(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction && parsed.Action != parsed.CommandResult.Command.Action)
        {
            // Help or the version was asked for.
            return [];
        }

        Command command = parsed.CommandResult.Command;
        return UnknownOption(parsed) is { } option ? [option]
            : command.Action is null && UnknownVerb(parsed) is { } verb ? [verb]
            : command.Action is null ? [MissingVerb(parsed.CommandResult)]
            : parsed.Errors.Count > 0 ? [.. parsed.Errors.Select(error => error.Message).Distinct()]
            : EmptyArgument(parsed) is { } empty ? [empty]
            : [];
    }

    /// <summary>Points to the help; for <c>create</c>, also states the order of its words.</summary>
    public static string HintFor(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = PathOf(parsed.CommandResult);
        return path.Length == 0 ? "Try 'blobs --help', or 'blobs VERB --help' for an example."
            : IsCreate(command) ? $"Try 'blobs {path} --help' for an example. {CreateCommand.Order}."
            : $"Try 'blobs {path} --help' for an example.";
    }

    /// <summary>Whether <paramref name="word"/> is an option of <paramref name="command"/>.</summary>
    public static bool IsOption(Command command, string word) => TryOption(command.Options, word, out _);

    /// <summary>The verb of <paramref name="command"/> that is called <paramref name="word"/>; null when there is
    /// none.</summary>
    public static Command? Subcommand(Command command, string word) =>
        command.Subcommands.FirstOrDefault(verb => verb.Name == word || verb.Aliases.Contains(word));

    /// <summary>Says that <paramref name="command"/> has no verb <paramref name="word"/>, and which it has.</summary>
    public static string NoVerb(Command command, string word)
    {
        string[] verbs = [.. command.Subcommands.SelectMany(verb => verb.Aliases.Prepend(verb.Name))];
        string near = Nearest.To(word, verbs) is { } verb ? $"did you mean '{verb}'?"
            : verbs.Length == 0 ? $"'{command.Name}' has none"
            : $"the verbs are {string.Join(", ", verbs)}";
        return $"there is no verb '{word}'; {near}";
    }

    private static string[] Arrange(RootCommand root, string[] arguments)
    {
        int start = SkipOptions(root.Options.Where(TakesValue), arguments);
        Command command = root;
        int end = start;
        while (end < arguments.Length && Subcommand(command, arguments[end]) is { } next)
        {
            command = next;
            end++;
        }

        if (command == root)
        {
            return arguments;
        }

        string[] words = [.. arguments[..start], .. arguments[end..]];
        return [.. arguments[start..end], .. IsCreate(command) ? EndOptionsAfterImage(command, words) : words];
    }

    // As in docker, everything after IMAGE belongs to the container, options included. Two dashes make the parser read it so.
    private static string[] EndOptionsAfterImage(Command command, string[] words)
    {
        int image = SkipOptions(command.Options, words);
        bool isImage = image < words.Length && words[image] is not ['-', _, ..];
        int after = image + 1;
        return !isImage || after >= words.Length || words[after] == EndOfOptions
            ? words
            : [.. words[..after], EndOfOptions, .. words[after..]];
    }

    // The number of leading words that are options and their values.
    private static int SkipOptions(IEnumerable<Option> options, string[] words)
    {
        int count = 0;
        while (count < words.Length && TryOption(options, words[count], out bool takesNext))
        {
            count += takesNext ? 2 : 1;
        }

        return Math.Min(count, words.Length);
    }

    private static bool TryOption(IEnumerable<Option> options, string word, out bool takesNext)
    {
        takesNext = false;
        if (word is not ['-', _, ..])
        {
            return false;
        }

        int separator = word.AsSpan().IndexOfAny('=', ':');
        string name = separator < 0 ? word : word[..separator];
        if (Find(options, name) is { } option)
        {
            takesNext = separator < 0 && TakesValue(option);
            return true;
        }

        // A value or more letters may follow: -eA=b, -qf.
        return word[1] != '-' && Find(options, word[..2]) is { } first
            && (TakesValue(first) || TryOption(options, $"-{word[2..]}", out takesNext));
    }

    private static Option? Find(IEnumerable<Option> options, string name) =>
        options.FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    /// <summary>Whether a word follows the option.</summary>
    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    private static bool IsCreate(Command command) =>
        command.Name == CreateCommand.Verb && command.Parents.Any(parent => parent is RootCommand);

    private static string? UnknownOption(ParseResult parsed)
    {
        var values = new HashSet<Token>(
            OptionsIn(parsed.RootCommandResult).SelectMany(option => option.Tokens), ReferenceEqualityComparer.Instance);
        bool isAfterVerb = false;
        foreach (Token token in parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash))
        {
            isAfterVerb |= token.Type == TokenType.Command && token.Value != parsed.RootCommandResult.IdentifierToken.Value;
            if (token.Type == TokenType.Argument && token.Value is ['-', _, ..] && !values.Contains(token))
            {
                return Describe(parsed.CommandResult, token.Value, isAfterVerb);
            }
        }

        return null;
    }

    private static string Describe(CommandResult verb, string word, bool isAfterVerb)
    {
        string name = word.Split('=', ':')[0];
        Command command = verb.Command;
        string[] options = [.. command.Options.SelectMany(option => option.Aliases.Prepend(option.Name))];
        string? near = Nearest.To(name, options);
        if (isAfterVerb)
        {
            string known = options.Length == 0 ? "it takes no options" : $"its options are {string.Join(", ", options)}";
            return $"{PathOf(verb)}: there is no option '{name}'; {(near is null ? known : $"did you mean '{near}'?")}";
        }

        string before = "only --root and --store may; put other options after it";
        string? nearest = Nearest.To(name, ["--root", "--store"]);
        return nearest is null
            ? $"'{name}' may not come before the verb: {before}"
            : $"there is no option '{name}'; did you mean '{nearest}'?";
    }

    private static string? UnknownVerb(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var word, ..])
        {
            return null;
        }

        string path = PathOf(parsed.CommandResult);
        return $"{(path.Length == 0 ? "" : $"{path}: ")}{NoVerb(parsed.CommandResult.Command, word)}";
    }

    private static string MissingVerb(CommandResult command)
    {
        string path = PathOf(command);
        return path.Length == 0
            ? "a verb is missing"
            : $"{path}: a verb is missing; the verbs are {string.Join(", ", command.Command.Subcommands.Select(verb => verb.Name))}";
    }

    private static string? EmptyArgument(ParseResult parsed) => parsed.CommandResult.Children.OfType<ArgumentResult>()
        .Where(result => result.Argument.Name != CreateCommand.Words && result.Tokens.Any(token => token.Value.Length == 0))
        .Select(result => $"{PathOf(parsed.CommandResult)}: {result.Argument.Name} is empty")
        .FirstOrDefault();

    private static IEnumerable<OptionResult> OptionsIn(CommandResult command) => command.Children.SelectMany(child => child switch
    {
        OptionResult option => [option],
        CommandResult verb => OptionsIn(verb),
        _ => Enumerable.Empty<OptionResult>(),
    });

    private static string PathOf(CommandResult command) => command.Command is RootCommand ? ""
        : command.Parent is CommandResult { Command: not RootCommand } above ? $"{PathOf(above)} {command.Command.Name}"
        : command.Command.Name;
}
