using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs rebase PLACE --from OLD --onto NEW --to PLACE</c>: an image on another base.</summary>
internal static class RebaseCommand
{
    // OCI image-spec annotations.md: the image that an image was made from.
    private const string BaseDigest = "org.opencontainers.image.base.digest";
    private const string BaseName = "org.opencontainers.image.base.name";

    public static Command Create()
    {
        Argument<Place> place = NewImageOptions.Base("The image to put on another base");
        Option<Place?> from = NewImageOptions.Image("--from", "The base that the image was made from.");
        Option<Place?> onto = NewImageOptions.Image("--onto", "The base that it gets.");
        var making = new NewImageOptions();
        var command = new Command("rebase", "Put what an image added to its base onto another base, without a build.")
        {
            place, from, onto,
        };
        making.AddTo(command);
        making.Runs(command, async (arguments, cancellationToken) =>
        {
            OpenedPlace image = await making.OpenAsync(arguments, arguments.GetRequiredValue(place), cancellationToken).ConfigureAwait(false);
            await using (image.ConfigureAwait(false))
            {
                OpenedPlace oldBase = await OpenAsync(arguments, from, cancellationToken).ConfigureAwait(false);
                await using (oldBase.ConfigureAwait(false))
                {
                    OpenedPlace newBase = await OpenAsync(arguments, onto, cancellationToken).ConfigureAwait(false);
                    await using (newBase.ConfigureAwait(false))
                    {
                        OciImage rebased = OciImage.From(image.Image!)
                            .Rebase(OciImage.From(oldBase.Image!), OciImage.From(newBase.Image!));
                        await making.SendAsync(arguments, WithBase(rebased, newBase), cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        });

        Task<OpenedPlace> OpenAsync(ParseResult arguments, Option<Place?> option, CancellationToken cancellationToken) =>
            making.OpenAsync(arguments, arguments.GetRequiredValue(option)!, cancellationToken);

        return command.With(
            "blobs rebase docker://127.0.0.1:5000/app:1 --from docker://debian:12.1 --onto docker://debian:12.2 --to docker://127.0.0.1:5000/app:2");
    }

    // As crane: only a name in a registry means something to others.
    private static OciImage WithBase(OciImage image, OpenedPlace newBase) =>
        newBase is { Image.Manifest: { } manifest, Place.Image: { Transport: ImageTransport.Registry, Name: { } name } }
            ? image.WithAnnotation(BaseDigest, $"{manifest.Digest}").WithAnnotation(BaseName, $"{ImageReference.Parse(name).WithDefaultTag()}")
            : image;
}
