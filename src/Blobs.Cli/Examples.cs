using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Blobs.Cli;

/// <summary>A section of examples at the end of every verb's help.</summary>
internal static class Examples
{
    private static readonly Dictionary<Command, string[]> ByCommand = [];

    /// <summary>Remembers the examples that <c>COMMAND --help</c> ends with.</summary>
    public static T With<T>(this T command, params string[] examples)
        where T : Command
    {
        ByCommand[command] = examples;
        return command;
    }

    /// <summary>Makes the help of <paramref name="root"/> and all its verbs end with their examples.</summary>
    public static void AddTo(RootCommand root)
    {
        root.With("tar -C /usr -cz share | blobs ingest -", "blobs layers");
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        }
    }

    // The parser shows options last, where create would pass them on to the container.
    private static int Usage(ParseResult parsed, HelpAction help)
    {
        InvocationConfiguration configuration = parsed.InvocationConfiguration;
        TextWriter output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        int result = help.Invoke(parsed);
        configuration.Output = output;
        output.Write(text.ToString().Replace(
            "create <IMAGE> [<COMMAND>...] [options]", "create [options] <IMAGE> [<COMMAND>...]", StringComparison.Ordinal));
        return result;
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = Usage(parseResult, help);
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
    }
}
