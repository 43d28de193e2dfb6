using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Cli.Registries;
using Blobs.Distribution.Client;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tags REPO</c>: the tags of a repository, or the names in a layout or archive, one a line.</summary>
internal static class TagsCommand
{
    public static Command Create()
    {
        Argument<Place> name = PlaceArguments.Required(
            "REPO",
            "The repository, HOST/NAME, or oci:DIR, oci-archive:FILE or docker-archive:FILE.",
            PlainName.InRegistry,
            takesPath: false,
            FaultIn);
        Option<bool> json = CommonOptions.Json();
        var registry = new RegistryAccessOptions();
        var command = new Command("tags", "List the tags of a repository, or names in a layout or archive.")
        {
            name, json,
        };
        registry.AddTo(command, transfers: false);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            ImagePlace place = arguments.GetRequiredValue(name).Image!;
            using RegistryClient client = registry.Connect(arguments);
            IAsyncEnumerable<string> tags = place.Transport == ImageTransport.Registry
                ? client.Repository(ImageReference.Parse(place.Name!)).TagsAsync(cancellationToken)
                : (await ManifestReader.NamesAsync(place, cancellationToken).ConfigureAwait(false)).ToAsyncEnumerable();
            string repository = place.Transport == ImageTransport.Registry ? ImageReference.Parse(place.Name!).Name : $"{place}";
            await NameList.WriteAsync(
                tags,
                arguments.GetValue(json),
                all => Output.WriteJson(new TagsReport(repository, all), RegistryJson.Default.TagsReport)).ConfigureAwait(false);
        });
        return command.With("blobs tags alpine", "blobs tags 127.0.0.1:5000/team/app --json", "blobs tags oci:layout");
    }

    private static string? FaultIn(Place place) => place switch
    {
        { Kind: PlaceKind.Image, Image: { Transport: ImageTransport.Registry } image } =>
            HasTagOrDigest(image.Name!) ? "name the repository alone, without a tag or digest" : null,
        {
            Kind: PlaceKind.Image,
            Image.Transport: not (ImageTransport.DockerData or ImageTransport.ContainersStorage or ImageTransport.Containerd)
        } =>
            place.Image.Name is null ? null : "name the layout or archive alone, without an image",
        _ => "the names in a data root are listed by the verb images, those elsewhere by podman images or ctr images ls",
    };

    private static bool HasTagOrDigest(string name)
    {
        ImageReference reference = ImageReference.Parse(name);
        return reference.Tag is not null || reference.Digest is not null;
    }
}
