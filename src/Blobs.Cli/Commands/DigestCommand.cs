using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Cli.Registries;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs digest REF</c>: the digest of what a name refers to.</summary>
internal static class DigestCommand
{
    public static Command Create()
    {
        Argument<Place> place = ManifestPlaces.Argument();
        Option<bool> json = CommonOptions.Json();
        var options = new ManifestPlaces("Print the digest of the image for this platform instead of the index's: OS/ARCH[/VARIANT].");
        var command = new Command("digest", "Print the digest of an image, index or artifact.") { place, json };
        options.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            DigestReport report = await options
                .FindAsync(arguments, arguments.GetRequiredValue(place), cancellationToken).ConfigureAwait(false);
            Output.WriteReport(
                report, RegistryJson.Default.DigestReport, arguments.GetValue(json), text => text.WriteLine(report.Digest));
        });
        return command.With(
            "blobs digest alpine:3.20",
            "blobs digest alpine:3.20 --platform linux/arm64",
            "blobs digest oci:layout:1 --json");
    }
}
