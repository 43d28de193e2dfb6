using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs mutate PLACE --env A=b … --to PLACE</c>: an image with another config, and the same layers.</summary>
internal static class MutateCommand
{
    public static Command Create()
    {
        Argument<Place> place = NewImageOptions.Base("The image to change");
        var changes = new ImageChangeOptions();
        var making = new NewImageOptions();
        var command = new Command(
            "mutate", "Change the config or the annotations of an image. It may be in any place and go to any other.") { place };
        changes.AddTo(command);
        making.AddTo(command);
        making.Runs(command, async (arguments, cancellationToken) =>
        {
            Place from = arguments.GetRequiredValue(place);
            OpenedPlace opened = await making.OpenAsync(arguments, from, cancellationToken).ConfigureAwait(false);
            await using (opened.ConfigureAwait(false))
            {
                OciImage image = changes.Apply(arguments, OciImage.From(opened.Image!));
                await making.SendAsync(arguments, image, cancellationToken).ConfigureAwait(false);
            }
        });
        return command.With(
            "blobs mutate app:1 --env LANG=C.UTF-8 --label stage=test --to app:2",
            "blobs mutate docker://127.0.0.1:5000/app:1 --entrypoint '[\"/app/run\",\"-v\"]' --to docker://127.0.0.1:5000/app:2",
            "blobs mutate oci:layout:app --compression zstd --to docker://127.0.0.1:5000/app:zstd");
    }
}
