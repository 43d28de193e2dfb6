using System.CommandLine;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs help [VERB]</c>: the same as <c>--help</c>.</summary>
internal static class HelpCommand
{
    public static Command Create(RootCommand root)
    {
        var verb = new Argument<string[]>("VERB")
        {
            Description = "The verb, and the verb below it if it has some: layer export.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        verb.Validators.Add(result =>
        {
            Command command = root;
            foreach (string word in result.Tokens.Select(token => token.Value))
            {
                if (CommandLine.Subcommand(command, word) is not { } next)
                {
                    result.AddError($"help: {CommandLine.NoVerb(command, word)}");
                    return;
                }

                command = next;
            }
        });
        var command = new Command("help", "Show the verbs, or the options and examples of one verb.") { verb };
        command.SetAction((arguments, cancellationToken) =>
            root.Parse([.. arguments.GetValue(verb) ?? [], "--help"]).InvokeAsync(cancellationToken: cancellationToken));
        return command.With("blobs help", "blobs help pull", "blobs help layer export");
    }
}
