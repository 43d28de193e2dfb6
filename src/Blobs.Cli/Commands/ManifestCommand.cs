using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Cli.Registries;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs manifest REF</c>: the manifest or index that a name refers to, byte for byte.</summary>
internal static class ManifestCommand
{
    public static Command Create()
    {
        Argument<Place> place = ManifestPlaces.Argument();
        Option<bool> json = DocumentOutput.Json();
        var options = new ManifestPlaces("Print the manifest of the image for this platform instead of the index: OS/ARCH[/VARIANT].");
        var command = new Command("manifest", "Print a manifest or index exactly as it is stored.") { place, json };
        options.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            Oci.Manifest manifest = await options
                .ReadAsync(arguments, arguments.GetRequiredValue(place), cancellationToken).ConfigureAwait(false);
            DocumentOutput.Write(manifest.Bytes, manifest.Digest, manifest.MediaType, arguments.GetValue(json));
        });
        return command.With(
            "blobs manifest alpine:3.20",
            "blobs manifest alpine:3.20 --platform linux/arm64 | sha256sum",
            "blobs manifest oci:layout:1 --json");
    }
}
