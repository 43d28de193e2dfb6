using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Blobs.Cli;

/// <summary>Adds a section of examples to the help of every verb.</summary>
internal static class Examples
{
    private static readonly Dictionary<Command, string[]> ByCommand = [];

    // The parser puts [options] last in the usage line, where create would pass them to the container, and prints
    // defaults as C# names them.
    private static readonly (string Printed, string Meant)[] Corrections =
    [
        ("create <IMAGE> [<COMMAND>...] [options]", "create [options] <IMAGE> [<COMMAND>...]"),
        ("[default: Commit]", "[default: commit]"),
        ("[default: Engine24]", "[default: 24.0]"),
        ("[default: Plain]", "[default: plain]"),
        ("erofs <FILE> export <IMAGE>", "erofs export <IMAGE>"),
        ("  <FILE>   The layer: tar, tar.gz or tar.zst; - reads standard input.\n  <IMAGE>  The image.", "  <IMAGE>  The image."),
    ];

    /// <summary>Sets the examples of a verb.</summary>
    public static T With<T>(this T command, params string[] examples)
        where T : Command
    {
        ByCommand[command] = examples;
        return command;
    }

    /// <summary>Makes the help of <paramref name="root"/> and of all its verbs print their examples.</summary>
    public static void AddTo(RootCommand root)
    {
        root.With("blobs pull alpine:3.20", "blobs images", "blobs help pull", "tar -C /usr -cz share | blobs ingest -");
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        }
    }

    private static int WriteUsage(ParseResult parsed, HelpAction help)
    {
        InvocationConfiguration configuration = parsed.InvocationConfiguration;
        TextWriter output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        int result = help.Invoke(parsed);
        configuration.Output = output;
        output.Write(Corrections.Aggregate(
            text.ToString(), (usage, item) => usage.Replace(item.Printed, item.Meant, StringComparison.Ordinal)));
        return result;
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = Write(parseResult);
            if (ByCommand.TryGetValue(parseResult.CommandResult.Command, out string[]? examples))
            {
                Console.Out.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    Console.Out.WriteLine($"  {example}");
                }
            }

            return result;
        }

        private int Write(ParseResult parsed)
        {
            if (parsed.CommandResult.Command is not RootCommand root)
            {
                return WriteUsage(parsed, help);
            }

            VerbGroups.WriteHelp(root, Console.Out);
            return (int)ExitCode.Done;
        }
    }
}
