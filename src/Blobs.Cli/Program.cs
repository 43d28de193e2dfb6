using System.CommandLine;
using Blobs.Cli;
using Blobs.Cli.Completion;

var root = new RootCommand("Moves container images and layers between registries, archives and data roots.");
Verbs.AddTo(root);
Option<string> dataRoot = CommonOptions.Root();
Option<string> store = CommonOptions.Store();
dataRoot.Description += " Goes here or after the verb.";
store.Description += " Goes here or after the verb.";
root.Options.Add(dataRoot);
root.Options.Add(store);
Examples.AddTo(root);

if (args is [Completer.Request, .. var words])
{
    Completer.Write(root, words, Console.Out);
    return (int)ExitCode.Done;
}

ParseResult parsed = CommandLine.Parse(root, args);
IReadOnlyList<string> errors = CommandLine.ErrorsOf(parsed);
if (errors.Count > 0)
{
    foreach (string error in errors)
    {
        Console.Error.WriteLine($"blobs: {error}");
    }

    Console.Error.WriteLine(CommandLine.HintFor(parsed));
    return (int)ExitCode.Usage;
}

// Ctrl-C cancels the work, which then cleans up; a second Ctrl-C ends the process.
return await parsed.InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
}).ConfigureAwait(false);
