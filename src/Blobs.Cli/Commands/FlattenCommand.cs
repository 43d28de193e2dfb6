using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs flatten PLACE --to PLACE</c>: an image with one layer.</summary>
internal static class FlattenCommand
{
    public static Command Create()
    {
        Argument<Place> place = NewImageOptions.Base("The image to flatten");
        var making = new NewImageOptions();
        var command = new Command("flatten", "Make the layers of an image one. What later layers delete or replace is left out.") { place };
        making.AddTo(command);
        making.Runs(command, async (arguments, cancellationToken) =>
        {
            Place from = arguments.GetRequiredValue(place);
            OpenedPlace opened = await making.OpenAsync(arguments, from, cancellationToken).ConfigureAwait(false);
            await using (opened.ConfigureAwait(false))
            {
                await making.SendAsync(arguments, OciImage.From(opened.Image!).Flatten(), cancellationToken).ConfigureAwait(false);
            }
        });
        return command.With(
            "blobs flatten app:1 --to app:flat",
            "blobs flatten docker://alpine:3.20 --compression zstd --to oci:layout:alpine");
    }
}
