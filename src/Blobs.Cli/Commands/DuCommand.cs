using System.CommandLine;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Errors;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs du PLACE</c>: where the bytes of an image are, by layer and by directory.</summary>
internal static class DuCommand
{
    private const int UsualWidth = 80;

    public static Command Create()
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{Place.Forms}, container:NAME or layer:CHAINID; and :/PATH in it.");
        var depth = new Option<int>("--depth", "-d")
        {
            Description = "List directories down to this depth. Default: 1.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        Option<bool> json = CommonOptions.Json();
        var places = new PlaceOptions();
        var command = new Command(
            "du", "Show the size of an image by layer and by directory. WASTED is what a layer has and a higher one replaces or removes.")
        {
            place, depth, json,
        };
        places.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            Place wanted = arguments.GetRequiredValue(place);
            ImageSizeReport report = await OpenedFiles.UseAsync(
                places,
                arguments,
                wanted,
                new ImageReadOptions(),
                arguments.GetValue(json),
                async files =>
                {
                    ImageUsage usage = await files.System.ReadUsageAsync(cancellationToken).ConfigureAwait(false);
                    ImageEntry root = usage.Root.Find(wanted.Path ?? "/")
                        ?? throw new NotFoundException(wanted.Path!, $"'{wanted.Path}' is not in the image");
                    return ImageSizeReport.From($"{wanted}", usage, root, arguments.GetValue(depth));
                },
                cancellationToken).ConfigureAwait(false);
            int width = Console.IsOutputRedirected ? UsualWidth : Console.WindowWidth;
            Output.WriteReport(
                report, FileJson.Default.ImageSizeReport, arguments.GetValue(json), output => report.WriteText(output, width));
        });
        return command.With("blobs du alpine:3.20", "blobs du docker://debian:/usr --depth 2", "blobs du --json oci:layout:1");
    }
}
