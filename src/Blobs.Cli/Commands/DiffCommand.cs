using System.CommandLine;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs diff A B</c>: the files and config values in which two images, layers or containers differ.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        Argument<Place> before = PlaceArguments.Required("BEFORE", $"{Place.Forms}, container:NAME or layer:CHAINID.", takesPath: false);
        Argument<Place> after = PlaceArguments.Required("AFTER", "What to compare with it, in the same form.", takesPath: false);
        Option<bool> json = CommonOptions.Json();
        var places = new PlaceOptions();
        var command = new Command(
            "diff",
            "Compare two images, layers or containers. Lists files added (A), removed (D) or changed (C), and what differs in the configs. "
                + "Times are not compared; of a removed directory only the directory is listed.")
        {
            before, after, json,
        };
        places.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            ComparisonReport report = await UseAsync(arguments.GetRequiredValue(before), left =>
                UseAsync(arguments.GetRequiredValue(after), right => CompareAsync(left, right, cancellationToken))).ConfigureAwait(false);
            Output.WriteReport(report, FileJson.Default.ComparisonReport, arguments.GetValue(json), report.WriteText);

            Task<ComparisonReport> UseAsync(Place place, Func<OpenedFiles, Task<ComparisonReport>> work) => OpenedFiles.UseAsync(
                places, arguments, place, new ImageReadOptions(), isQuiet: true, work, cancellationToken);
        });
        return command.With(
            "blobs diff app:1 app:2",
            "blobs diff docker://debian:12 docker://debian:13 --json",
            "blobs diff app:1 container:web",
            "blobs diff layer:sha256:… layer:sha256:…");
    }

    private static async Task<ComparisonReport> CompareAsync(OpenedFiles before, OpenedFiles after, CancellationToken cancellationToken)
    {
        IReadOnlyList<FileChange> changes =
            await ImageComparison.CompareAsync(before.System, after.System, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ConfigDifference> config = before.Place.Image is { } old && after.Place.Image is { } now
            ? ConfigComparison.Of(old.Config.Bytes, now.Config.Bytes)
            : [];
        return new ComparisonReport([.. changes.Select(ChangeReport.From)], config);
    }
}
