using System.CommandLine;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs df</c>: what a data root takes, and what could go, as <c>docker system df</c> shows it.</summary>
internal static class DfCommand
{
    public static Command Create()
    {
        var verbose = new Option<bool>("--verbose", "-v") { Description = "List every image, container, volume, layer and blob." };
        Option<bool> json = CommonOptions.Json();
        var root = new RootOptions(writes: false);
        var command = new Command("df", "Show what a data root takes on disk, and what could go.") { verbose, json };
        root.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using LockedRoot taken = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            var report = UsageReport.From(await taken.Root.MeasureAsync(cancellationToken).ConfigureAwait(false));
            Output.WriteReport(
                report,
                RootJson.Default.UsageReport,
                arguments.GetValue(json),
                arguments.GetValue(verbose) ? report.WriteDetails : report.WriteText);
        });
        return command.With("blobs df", "blobs df -v --root /var/lib/docker", "blobs df --json");
    }
}
