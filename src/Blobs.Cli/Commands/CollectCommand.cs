using System.CommandLine;
using Blobs.Storage;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs gc</c>: deletes what nothing in a registry's store needs.</summary>
internal static class CollectCommand
{
    private const int UploadHours = 168;

    public static Command Create()
    {
        Option<string> store = CommonOptions.Store();
        var untagged = new Option<bool>("--delete-untagged")
        {
            Description = "Also manifests without a tag, unless a kept one refers to them or they are about a kept one.",
        };
        var hours = new Option<int>("--upload-hours")
        {
            Description = "Give up uploads that were started longer ago than this.",
            HelpName = "N",
            DefaultValueFactory = _ => UploadHours,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be deleted, delete nothing." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command(
            "gc",
            "Delete what nothing in a registry's store needs. It does not start while `blobs serve` takes pushes; a --dry-run does. "
            + "docker-registry takes no lock: stop it first, or let it serve read-only.")
        {
            store, untagged, hours, dryRun, json, quiet,
        };
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            var storage = new FileSystemStorage(arguments.GetRequiredValue(store));
            bool isDry = arguments.GetValue(dryRun);
            CollectionReport done = await new RegistryCollector(storage).RunAsync(
                new CollectionOptions
                {
                    DryRun = isDry,
                    DeleteUntagged = arguments.GetValue(untagged),
                    UploadAge = TimeSpan.FromHours(arguments.GetValue(hours)),
                },
                cancellationToken).ConfigureAwait(false);
            var report = CollectReport.From(done, isDry);
            Output.WriteReport(
                report,
                CliJson.Default.CollectReport,
                arguments.GetValue(json),
                output => report.WriteText(output, arguments.GetValue(quiet)));
        });
        string WhenCancelled(ParseResult arguments) => arguments.GetValue(dryRun)
            ? "nothing was deleted"
            : "what was deleted by then stays deleted; nothing that is needed was touched";

        return command.With("blobs gc --store /var/lib/registry --dry-run", "blobs gc --store /var/lib/registry --delete-untagged");
    }
}
