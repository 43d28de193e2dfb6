using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs attach FILE --to REF --type MEDIATYPE</c>: attaches a file to an image as an artifact.</summary>
internal static class AttachCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The file: an SBOM, a signature, a report." };
        Option<Place?> target = ManifestArguments.Option(
            "--to", $"The image, index or artifact that it belongs to: {ManifestArguments.Forms}.");
        target.Required = true;
        Option<string> type = new("--type")
        {
            Description = "Type of the artifact and media type of the file, such as application/spdx+json.",
            HelpName = "MEDIATYPE",
            Required = true,
        };
        type.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !IsMediaType(text))
            {
                result.AddError($"--type: '{text}' is not a media type, such as application/spdx+json");
            }
        });
        Option<IReadOnlyDictionary<string, string>> annotations =
            KeyValues.Option("--annotation", "Annotation of the artifact; may be repeated.");
        Option<Platform?> platform = RegistryAccessOptions.Platform();
        platform.Description = "Attach it to the image for this platform, OS/ARCH or OS/ARCH/VARIANT, and not to the index.";
        var command = new Command("attach", "Attach a file to an image, an index or an artifact, as a referrer.")
        {
            file, target, type, annotations, platform,
        };
        ManifestWork.Runs(
            command,
            "nothing was attached",
            (arguments, client, jobs) => new CopyOptions
            {
                Client = client,
                LayersAtOnce = jobs,
                Platform = arguments.GetValue(platform),
            },
            async (arguments, options, progress, cancellationToken) =>
            {
                string mediaType = arguments.GetRequiredValue(type);
                ArtifactFile content = await ArtifactFile
                    .FromFileAsync(arguments.GetRequiredValue(file), mediaType, cancellationToken).ConfigureAwait(false);
                var artifact = new OciArtifact(mediaType) { Files = [content] };
                if (arguments.GetValue(annotations) is { Count: > 0 } given)
                {
                    artifact = artifact with { Annotations = given };
                }

                return await ManifestEditor.AttachAsync(
                    artifact, arguments.GetRequiredValue(target)!.Image!, options, progress, cancellationToken).ConfigureAwait(false);
            });
        return command.With(
            "blobs attach app.spdx.json --to registry.example/app:1 --type application/spdx+json",
            "blobs attach app.sig --to oci:layout:1 --platform linux/arm64 --type application/vnd.example.signature");
    }

    // RFC 6838, 4.2: two names of letters, digits and a few signs.
    private static bool IsMediaType(string text) => text.Split('/') is [var type, var subtype] && IsName(type) && IsName(subtype);

    private static bool IsName(string text) => text.Length is > 0 and <= 127
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$&-^_.+".Contains(letter, StringComparison.Ordinal));
}
