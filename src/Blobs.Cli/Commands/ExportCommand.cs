using System.CommandLine;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs export PLACE</c>: writes the whole file system of an image or a container as one tar.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{Place.Forms}, container:NAME or layer:CHAINID.", takesPath: false);
        Option<string> output = CommonOptions.Output();
        Option<bool> json = CommonOptions.JsonBesideData();
        Option<bool> quiet = CommonOptions.Quiet();
        var places = new PlaceOptions();
        var command = new Command("export", "Write the file system of an image or container as one tar. Whiteouts are applied.")
        {
            place, output, json, quiet,
        };
        places.AddTo(command);
        command.Runs("no complete tar was written", async (arguments, cancellationToken) =>
        {
            string file = arguments.GetRequiredValue(output);
            CopiedReport report = await OpenedFiles.UseAsync(
                places,
                arguments,
                arguments.GetRequiredValue(place),
                new ImageReadOptions(),
                arguments.GetValue(quiet) || arguments.GetValue(json),
                async files =>
                {
                    long bytes = await TarOutput.WriteAsync(file, files.System, "/", "", cancellationToken).ConfigureAwait(false);
                    return CopiedReport.From(files, "/", bytes);
                },
                cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(report, FileJson.Default.CopiedReport, file);
            }
            else if (!arguments.GetValue(quiet))
            {
                Console.Error.WriteLine(report.Describe());
            }
        });
        return command.With(
            "blobs export alpine:3.20 -o alpine.tar",
            "blobs export docker://debian | tar -t",
            "blobs export container:web -o web.tar");
    }
}
