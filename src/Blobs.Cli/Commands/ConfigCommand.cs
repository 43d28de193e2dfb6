using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Cli.Registries;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs config REF</c>: an image's config, byte for byte.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        Argument<Place> name = PlaceArguments.Required(
            "REF",
            "The image: a name in a registry, docker-data:ROOT//NAME, docker-archive:FILE[:NAME], oci:DIR[:TAG] or oci-archive:FILE[:TAG].",
            PlainName.InRegistry,
            takesPath: false,
            place => place.Kind is PlaceKind.Container or PlaceKind.Layer ? "it is not an image, so it has no config" : null);
        Option<bool> json = DocumentOutput.Json();
        var options = new PlaceOptions();
        var command = new Command("config", "Print the config of an image exactly as it is stored.") { name, json };
        options.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            await using OpenedPlace place = await options
                .OpenAsync(arguments, arguments.GetRequiredValue(name), cancellationToken).ConfigureAwait(false);
            (ReadOnlyMemory<byte> bytes, Digest digest, string type) =
                await ReadAsync(place, cancellationToken).ConfigureAwait(false);
            DocumentOutput.Write(bytes, digest, type, arguments.GetValue(json));
        });
        return command.With(
            "blobs config alpine:3.20 --platform linux/arm64",
            "blobs config docker-data:/var/lib/docker//alpine:3.20 --json");
    }

    private static async Task<(ReadOnlyMemory<byte> Bytes, Digest Digest, string Type)> ReadAsync(
        OpenedPlace place, CancellationToken cancellationToken)
    {
        if (place.Image is { } image)
        {
            return (image.Config.Bytes, image.Config.Id, image.Manifest?.Config.MediaType ?? MediaTypes.DockerConfig);
        }

        Descriptor config = place.Artifact!.Manifest.Config;
        if (config.Size > Limits.Default.ConfigBytes)
        {
            throw new WorkFailedException($"{place.Place}: its config is {config.Size} bytes long");
        }

        using var bytes = new MemoryStream();
        await using Stream content = await place.Artifact.OpenAsync(config, cancellationToken).ConfigureAwait(false);
        await content.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        return (bytes.ToArray(), config.Digest, config.MediaType);
    }
}
