using System.CommandLine;
using System.CommandLine.Invocation;
using Blobs.Cli;
using Blobs.Cli.Commands;

var root = new RootCommand("Container layers, in and out of a Docker-shaped store, in one pass.")
{
    IngestCommand.Create(),
    HashCommand.Create(),
    LoadCommand.Create(),
    SaveCommand.Create(),
    CopyCommand.Create(),
    ImagesCommand.Create(),
    InspectCommand.Create(),
    RmiCommand.Create(),
    AddCommand.Create(),
    CommitCommand.Create(),
    CreateCommand.Create(),
    PsCommand.Create(),
    RmCommand.Create(),
    MountCommand.CreateMount(),
    MountCommand.CreateUnmount(),
    HistoryCommand.Create(),
    TagCommand.Create(),
    LayersCommand.Create(),
    LayerCommand.Create(),
    PullCommand.Create(),
    PushCommand.Create(),
    TarSplitCommand.Create(),
    ServeCommand.Create(),
    CollectCommand.Create(),
    VerifyCommand.Create(),
};
Examples.AddTo(root);

ParseResult parsed = root.Parse(CreateCommand.Guard(args));
if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine($"blobs: {error.Message}");
    }

    Console.Error.WriteLine("Try 'blobs --help', or 'blobs VERB --help' for an example.");
    return (int)ExitCode.Usage;
}

// Ctrl-C cancels the work, which then tidies up; a second one ends the process.
return await parsed.InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
}).ConfigureAwait(false);
