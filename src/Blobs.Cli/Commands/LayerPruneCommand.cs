using System.CommandLine;
using Blobs.Docker.Layers;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs layer prune</c>: removes layers that nothing needs.</summary>
internal static class LayerPruneCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be removed, and remove nothing." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var root = new RootOptions(writes: true);
        var command = new Command("prune", "Remove layers that no image or container needs; that includes layers added by ingest.")
        {
            dryRun, json, quiet,
        };
        root.AddTo(command);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            bool isDry = arguments.GetValue(dryRun);
            Removal<Layer> layers = isDry
                ? locked.Root.UnneededLayers()
                : await locked.Root.PruneLayersAsync(cancellationToken).ConfigureAwait(false);
            var report = PruneReport.From(layers, isDry);
            Output.WriteReport(
                report,
                CliJson.Default.PruneReport,
                arguments.GetValue(json),
                output => report.WriteText(output, arguments.GetValue(quiet)));
            KeptLayers.Report(layers.Problem is null ? layers.Kept : [], arguments.GetValue(quiet));
        });
        string WhenCancelled(ParseResult arguments) => arguments.GetValue(dryRun)
            ? "nothing was removed"
            : "layers already removed stay removed; the others are unchanged";

        return command.With("blobs layer prune --dry-run", "blobs layer prune --root /var/lib/docker");
    }
}
