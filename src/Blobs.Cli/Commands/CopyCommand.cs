using System.CommandLine;
using Blobs.Compression;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs copy FROM TO</c>: one image between any two places.</summary>
internal static class CopyCommand
{
    private const string Places = "docker-data:ROOT//NAME, docker-archive:FILE[:NAME], oci:DIR[:TAG] or oci-archive:FILE[:TAG]";

    public static Command Create()
    {
        var from = new Argument<string>("FROM") { Description = $"Where the image is: {Places}." };
        var to = new Argument<string>("TO") { Description = "Where it is to be, in the same words." };
        Option<CompressionKind?> compression = CommonOptions.Compression();
        Option<string?> driver = CommonOptions.Driver();
        driver.Description = "Storage driver of the root that is copied to. Default: what it has, else overlay2.";
        Option<bool> json = CommonOptions.Json();
        Option<bool> quiet = CommonOptions.Quiet();
        var command = new Command("copy", "Copy an image between a data root, an archive and a layout.")
        {
            from, to, compression, driver, json, quiet,
        };
        command.Runs(async (arguments, cancellationToken) =>
        {
            ImageLocation source = ImageLocation.Parse(arguments.GetRequiredValue(from));
            ImageLocation target = ImageLocation.Parse(arguments.GetRequiredValue(to));
            TakenImage image = await LayerLines.RunAsync(
                arguments.GetValue(quiet),
                progress => ImageCopier.CopyAsync(
                    source,
                    target,
                    new CopyOptions { Compression = arguments.GetValue(compression), Driver = arguments.GetValue(driver) },
                    progress,
                    cancellationToken)).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson([TakenReport.From(image)], ImageJson.Default.TakenReportArray);
            }
            else
            {
                Console.Out.WriteLine($"{image.Manifest ?? image.Id}");
            }
        });
        return command.With(
            "blobs copy docker-data:/var/lib/docker//alpine:3.18 oci:layout:3.18",
            "blobs copy oci:layout:3.18 docker-archive:alpine.tar:alpine:3.18");
    }
}
