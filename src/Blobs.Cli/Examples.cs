using System.CommandLine;
using System.CommandLine.Help;

namespace Blobs.Cli;

/// <summary>A section of examples at the end of every verb's help.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> ByCommand = [];

    /// <summary>Remembers the examples that <c>COMMAND --help</c> ends with.</summary>
    public static T With<T>(this T command, params string[] examples)
        where T : Command
    {
        ByCommand[command.Name] = examples;
        return command;
    }

    /// <summary>Puts the section into the help of <paramref name="root"/> and all its verbs.</summary>
    public static void AddTo(RootCommand root)
    {
        ByCommand[root.Name] = ["tar -C /usr -cz share | blobs ingest -", "blobs layers"];
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is HelpAction help)
            {
                help.Builder.CustomizeLayout(_ => [.. HelpBuilder.Default.GetLayout(), Write]);
            }
        }
    }

    private static bool Write(HelpContext context)
    {
        if (!ByCommand.TryGetValue(context.Command.Name, out string[]? examples))
        {
            return false;
        }

        context.Output.WriteLine("Examples:");
        foreach (string example in examples)
        {
            context.Output.WriteLine($"  {example}");
        }

        return true;
    }
}
