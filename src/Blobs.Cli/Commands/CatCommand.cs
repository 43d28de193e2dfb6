using System.CommandLine;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Files;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs cat PLACE:/PATH</c>: writes the content of one file of an image.</summary>
internal static class CatCommand
{
    public static Command Create()
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{Place.Forms}, container:NAME or layer:CHAINID; and :/PATH in it.")
            .WithPath();
        Option<string> output = CommonOptions.Output();
        output.Description = "Write the content to FILE; - is standard output.";
        Option<bool> verify = ContentOptions.Verify();
        Option<bool> json = CommonOptions.JsonBesideData();
        json.Description = "Print JSON about the file, and how much was read; on stderr when the content goes to standard output.";
        var places = new PlaceOptions();
        var command = new Command("cat", "Write a file of an image; links are followed inside the image.") { place, output, verify, json };
        places.AddTo(command);
        command.Runs("no complete file was written", async (arguments, cancellationToken) =>
        {
            Place wanted = arguments.GetRequiredValue(place);
            string file = arguments.GetRequiredValue(output);
            bool isTerminal = OutputFile.IsStandardOutput(file) && !Console.IsOutputRedirected;
            CopiedReport report = await OpenedFiles.UseAsync(
                places,
                arguments,
                wanted,
                new ImageReadOptions { ReadsToEnd = arguments.GetValue(verify) },
                isTerminal || arguments.GetValue(json),
                files => isTerminal ? CopyAsync(files, Console.OpenStandardOutput()) : CopyToFileAsync(files),
                cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson(report, FileJson.Default.CopiedReport, file);
            }

            async Task<CopiedReport> CopyToFileAsync(OpenedFiles files)
            {
                CopiedReport? copied = null;
                await Output.WriteFileAsync(file, async target =>
                {
                    copied = await CopyAsync(files, target).ConfigureAwait(false);
                    return copied.Bytes;
                }, cancellationToken).ConfigureAwait(false);
                return copied!;
            }

            async Task<CopiedReport> CopyAsync(OpenedFiles files, Stream target)
            {
                ImageEntry entry = await files.System.CopyFileAsync(wanted.Path!, target, cancellationToken).ConfigureAwait(false);
                return CopiedReport.From(files, FileText.PathOf(entry), entry.File.Size);
            }
        });
        return command.With(
            "blobs cat alpine:3.20:/etc/os-release",
            "blobs cat docker://debian:/etc/debian_version",
            "blobs cat oci:layout:1:/app/app.dll -o app.dll --verify --json");
    }
}
