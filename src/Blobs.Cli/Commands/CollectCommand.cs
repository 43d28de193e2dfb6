using System.CommandLine;
using Blobs.Distribution.Storage;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs gc</c>: collects the garbage of a registry's store.</summary>
internal static class CollectCommand
{
    private const int UploadHours = 168;

    public static Command Create()
    {
        Option<string> store = CommonOptions.Store();
        var untagged = new Option<bool>("--delete-untagged")
        {
            Description = "Also delete manifests without a tag, unless a manifest that stays lists them or is their subject.",
        };
        var hours = new Option<int>("--upload-hours")
        {
            Description = "Delete uploads that were started more than N hours ago.",
            HelpName = "N",
            DefaultValueFactory = _ => UploadHours,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be deleted, and delete nothing." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command(
            "gc",
            "Delete what nothing in a registry's store needs (collect garbage). Fails while `blobs serve` accepts pushes, except "
            + "with --dry-run. docker-registry takes no lock: stop it first, or make it read-only.")
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
            : "what was already deleted stays deleted; nothing that is needed was touched";

        return command.With("blobs gc --store /var/lib/registry --dry-run", "blobs gc --store /var/lib/registry --delete-untagged");
    }
}
