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

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = help.Invoke(parseResult);
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
