using System.CommandLine;
using System.CommandLine.Completions;
using Blobs.Cli.Places;
using Blobs.Cli.Stores;
using Blobs.Docker;
using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Cli.Completion;

/// <summary>
/// Finds the words that may stand where a user types: verbs, options and their values, images and containers of the data
/// root, and the beginnings of places. The scripts of <c>blobs completion</c> ask for them; a shell completes the names of files itself.
/// </summary>
internal sealed class Completer
{
    /// <summary>The word before the words to complete. It is no verb: options among those are not ours.</summary>
    public const string Request = "__complete";

    /// <summary>Tells the shell to complete the name of a file.</summary>
    public const string Files = ":files";

    private static readonly string[] NamesOfImages = ["IMAGE", "REF", "NAME", "PLACE", "FROM", "TO", "OLD", "NEW"];

    private static readonly string[] NamesOfFiles = ["FILE", "DIR", "PATH", "LAYOUT", "SRC:DEST", "SRC:/DEST"];

    private readonly TypedWords _typed;

    private Completer(TypedWords typed) => _typed = typed;

    /// <summary>Writes the candidates, one a line: the word, a tab, and what it is.</summary>
    /// <param name="root">The command.</param>
    /// <param name="words">The words after <c>blobs</c>; the last one, perhaps empty, is the one to complete.</param>
    /// <param name="output">Where to write.</param>
    public static void Write(RootCommand root, string[] words, TextWriter output)
    {
        var typed = TypedWords.Of(root, words);
        foreach ((string word, string about) in new Completer(typed).Candidates()
            .Where(item => item.Word == Files || item.Word.StartsWith(typed.Current, StringComparison.Ordinal)))
        {
            output.WriteLine(about.Length == 0 ? word : $"{word}\t{about}");
        }
    }

    private IEnumerable<(string Word, string About)> Candidates()
    {
        if (_typed.Option is { } option)
        {
            return ValuesOf(option);
        }

        if (_typed.Current.StartsWith('-') && !_typed.AreOptionsOver)
        {
            return _typed.Command.Options.Where(known => !known.Hidden)
                .SelectMany(known => known.Aliases.Append(known.Name)
                    .Where(name => name.StartsWith("--", StringComparison.Ordinal)).Select(name => (name, About(known))))
                .OrderBy(item => item.name, StringComparer.Ordinal);
        }

        if (_typed.Command.Subcommands.Count > 0 && _typed.Arguments == 0)
        {
            return _typed.Command.Subcommands.Where(verb => !verb.Hidden).Select(verb => (verb.Name, About(verb)));
        }

        Argument? argument = ArgumentAt(_typed.Command, _typed.Arguments);
        return argument is null ? [] : Named(argument.HelpName ?? argument.Name, argument.ValueType, _typed.Command);
    }

    private IEnumerable<(string Word, string About)> ValuesOf(Option option)
    {
        string[] known = option.ValueType.IsEnum
            ? [.. Enum.GetNames(option.ValueType).Select(name => name.ToLowerInvariant())]
            : [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];
        return known.Length > 0 && option.ValueType != typeof(bool)
            ? known.Select(value => (value, ""))
            : Named(option.HelpName ?? "", option.ValueType, _typed.Command);
    }

    private (string Word, string About)[] Named(string what, Type type, Command command)
    {
        (string Word, string About)[] found = what switch
        {
            "CONTAINER" => Containers(),
            "VERB" => [.. _typed.Root.Subcommands.Where(verb => !verb.Hidden).Select(verb => (verb.Name, About(verb)))],
            "NAME" when command.Name == "inspect" => [.. Images(), .. Containers()],
            "DIR" when _typed.Option is { Name: "--root" } => Prefixes(ImagePlace.Stores),
            _ when NamesOfImages.Contains(what) => [.. Images(), .. Prefixes(PrefixesOf(type))],
            _ => [],
        };
        bool mayBeFile = NamesOfFiles.Contains(what) || NamesOfImages.Contains(what);
        return mayBeFile && !Array.Exists(found, item => item.Word.StartsWith(_typed.Current, StringComparison.Ordinal))
            ? [(Files, "")]
            : found;
    }

    // Only once it is typed what they begin with: names of images are meant more often.
    private (string Word, string About)[] Prefixes(IEnumerable<string> prefixes) =>
        _typed.Current.Length == 0 ? [] : [.. prefixes.Select(prefix => (prefix, ""))];

    private static IEnumerable<string> PrefixesOf(Type type) =>
        type == typeof(StoredName) || type == typeof(StoredName[]) ? ImagePlace.Stores
        : type == typeof(Place) || type == typeof(Place[]) || type == typeof(ImagePlace) ? ImagePlace.Prefixes
        : [];

    private (string Word, string About)[] Images() => FromRoot(root => root.Names.Read().All
        .Where(item => item.Key.Digest is null).Select(item => (item.Key.Familiar, "")));

    private (string Word, string About)[] Containers() => FromRoot(root => root.Containers.Containers()
        .Select(container => (container.Name, container.State.Word)));

    // A root that cannot be read has no names to offer; the verb itself will say why.
    private (string Word, string About)[] FromRoot(Func<DockerRoot, IEnumerable<(string Word, string About)>> read)
    {
        try
        {
            return [.. read(DockerRoot.Open(_typed.RootFolder))];
        }
        catch (Exception fault) when (fault is BlobsException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static Argument? ArgumentAt(Command command, int index)
    {
        foreach (Argument argument in command.Arguments)
        {
            if (index < argument.Arity.MaximumNumberOfValues)
            {
                return argument;
            }

            index -= argument.Arity.MaximumNumberOfValues;
        }

        return null;
    }

    private static string About(Symbol symbol) => VerbGroups.FirstSentenceOf(symbol);
}
