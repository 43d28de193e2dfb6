using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Errors;
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
        var command = new Command("rebase", "Put what an image added to its base onto another one. No build is needed.")
        {
            place, from, onto,
        };
        making.AddTo(command);
        making.Runs(command, async (arguments, cancellationToken) =>
        {
            OpenedPlace image = await OpenAsync(arguments, arguments.GetRequiredValue(place), cancellationToken).ConfigureAwait(false);
            await using (image.ConfigureAwait(false))
            {
                OpenedPlace oldBase = await OpenAsync(arguments, arguments.GetValue(from)!, cancellationToken).ConfigureAwait(false);
                await using (oldBase.ConfigureAwait(false))
                {
                    OpenedPlace newBase = await OpenAsync(arguments, arguments.GetValue(onto)!, cancellationToken).ConfigureAwait(false);
                    await using (newBase.ConfigureAwait(false))
                    {
                        OciImage rebased = Rebase(image, oldBase, newBase);
                        await making.SendAsync(arguments, rebased, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        });

        Task<OpenedPlace> OpenAsync(ParseResult arguments, Place from, CancellationToken cancellationToken) =>
            making.OpenAsync(arguments, from, cancellationToken);

        return command.With(
            "blobs rebase app:1 --from debian:12.1 --onto debian:12.2 --to app:2",
            "blobs rebase oci:app --from docker://debian:12.1 --onto docker://debian:12.2 --to docker://127.0.0.1:5000/app");
    }

    private static OciImage Rebase(OpenedPlace image, OpenedPlace oldBase, OpenedPlace newBase)
    {
        try
        {
            OciImage rebased = OciImage.From(image.Image!).Rebase(OciImage.From(oldBase.Image!), OciImage.From(newBase.Image!));
            return WithBase(rebased, newBase);
        }
        catch (MalformedDataException fault)
        {
            throw new WorkFailedException($"{image.Place}, {oldBase.Place}: {fault.Message}", fault);
        }
    }

    // As crane: only a name in a registry means something to others.
    private static OciImage WithBase(OciImage image, OpenedPlace newBase)
    {
        if (newBase is not { Image.Manifest: { } manifest, Place.Image: { Transport: ImageTransport.Registry, Name: { } name } })
        {
            return image;
        }

        return image
            .WithAnnotation(BaseDigest, $"{manifest.Digest}")
            .WithAnnotation(BaseName, $"{ImageReference.Parse(name).WithDefaultTag()}");
    }
}
