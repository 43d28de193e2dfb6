using System.CommandLine;
using Blobs.Docker;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs prune</c>: removes what nothing in a data root needs.</summary>
internal static class PruneCommand
{
    public static Command Create()
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also remove tagged images that no container uses." };
        var containers = new Option<bool>("--containers") { Description = "Also remove containers that are stopped." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be removed, and remove nothing." };
        var force = new Option<bool>("--force", "-f") { Description = "Do not ask. Without it, the answer is read from standard input." };
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var root = new RootOptions(writes: true);
        var command = new Command(
            "prune",
            "Remove what nothing in a data root needs. That is: untagged images that no container uses, layers that no image and no "
            + "container needs (also those that ingest added), and kept blobs that no image names.")
        {
            all, containers, dryRun, force, json, quiet,
        };
        root.AddTo(command);
        command.Runs(WhenCancelled, async (arguments, cancellationToken) =>
        {
            var options = new PruneOptions { All = arguments.GetValue(all), Containers = arguments.GetValue(containers) };
            using LockedRoot taken = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            bool isDry = arguments.GetValue(dryRun);
            RootPrune prune = taken.Root.FindPrunable(options);
            var report = RootPruneReport.From(prune, isDry);
            if (!isDry)
            {
                if (!arguments.GetValue(force) && report.Counts.Length > 0)
                {
                    await Confirmation.RequireAsync($"This removes {report.Counts}. Continue?", cancellationToken).ConfigureAwait(false);
                }

                prune = await taken.Root.PruneAsync(options, cancellationToken).ConfigureAwait(false);
                report = RootPruneReport.From(prune, isDry);
            }

            bool isQuiet = arguments.GetValue(quiet);
            Output.WriteReport(
                report, RootJson.Default.RootPruneReport, arguments.GetValue(json), output => report.WriteText(output, isQuiet));
            KeptLayers.Report(prune.Layers.Problem is null ? prune.Layers.Kept : [], isQuiet);
            if (prune.BlobProblem is { } problem)
            {
                Notices.ToStandardError.Report(problem);
            }
        });
        string WhenCancelled(ParseResult arguments) => arguments.GetValue(dryRun)
            ? "nothing was removed"
            : "what is already removed stays removed; the next change to the root removes layers that only that needed";

        return command.With("blobs prune --dry-run", "blobs prune --all --containers", "blobs prune --force --root /var/lib/docker");
    }
}
