using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Cli.Registries;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs referrers REF</c>: what refers to a manifest, such as signatures, attestations and SBOMs.</summary>
internal static class ReferrersCommand
{
    public static Command Create()
    {
        Argument<Place> place = ManifestPlaces.Argument();
        var type = new Option<string?>("--type") { Description = "List only artifacts of this type.", HelpName = "MEDIATYPE" };
        Option<bool> json = CommonOptions.Json();
        var options = new ManifestPlaces("List what refers to the image for this platform instead of the index: OS/ARCH[/VARIANT].");
        var command = new Command("referrers", "List what refers to an image: signatures, attestations, SBOMs.") { place, type, json };
        options.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            IReadOnlyList<Descriptor> found = await options.ReferrersAsync(
                arguments, arguments.GetRequiredValue(place), arguments.GetValue(type), cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                Output.WriteJson([.. found.Select(ReferrerReport.From)], RegistryJson.Default.ReferrerReportArray);
                return;
            }

            foreach (Descriptor referrer in found)
            {
                Console.Out.WriteLine($"{referrer.Digest} {RegistryText.Show(referrer.ArtifactType ?? "")}".TrimEnd());
            }
        });
        return command.With(
            "blobs referrers 127.0.0.1:5000/team/app:1",
            "blobs referrers 127.0.0.1:5000/team/app:1 --type application/spdx+json --json");
    }
}
