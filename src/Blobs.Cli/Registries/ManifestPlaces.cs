using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Registries;

/// <summary>Reads manifests at the places that keep them: registries and OCI layouts. A plain name means a registry.</summary>
internal sealed class ManifestPlaces
{
    private readonly RegistryAccessOptions _registry = new();
    private readonly Option<Platform?> _platform = RegistryAccessOptions.Platform();

    /// <param name="platform">What the option --platform does.</param>
    public ManifestPlaces(string platform) => _platform.Description = platform;

    /// <summary>A place that keeps manifests; others are a usage error.</summary>
    public static Argument<Place> Argument() => PlaceArguments.Required(
        "REF",
        "A name in a registry, oci:DIR[:TAG] or oci-archive:FILE[:TAG].",
        PlainName.InRegistry,
        takesPath: false,
        place => HasManifests(place) ? null : "there are no manifests there; name an image in a registry or an OCI layout");

    public void AddTo(Command command)
    {
        command.Options.Add(_platform);
        _registry.AddTo(command, transfers: false);
    }

    /// <summary>Digest, type and size of a manifest. A registry is asked for them alone.</summary>
    public async Task<DigestReport> FindAsync(ParseResult arguments, Place place, CancellationToken cancellationToken)
    {
        Descriptor? found = null;
        if (place.Image!.Transport == ImageTransport.Registry && arguments.GetValue(_platform) is null)
        {
            using RegistryClient client = _registry.Connect(arguments);
            ImageReference name = ImageReference.Parse(place.Image.Name!).WithDefaultTag();
            found = await TryFindAsync(client.Repository(name), name, cancellationToken).ConfigureAwait(false);
        }

        found ??= (await ReadAsync(arguments, place, cancellationToken).ConfigureAwait(false)).Describe();
        return new DigestReport($"{place}", $"{found.Digest}", found.MediaType, found.Size);
    }

    /// <summary>The manifest or index that a place names; with a platform, the image's manifest.</summary>
    public async Task<Manifest> ReadAsync(ParseResult arguments, Place place, CancellationToken cancellationToken)
    {
        using RegistryClient client = _registry.Connect(arguments);
        return await ManifestReader
            .ReadAsync(place.Image!, client, arguments.GetValue(_platform), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What refers to a manifest.</summary>
    public async Task<IReadOnlyList<Descriptor>> ReferrersAsync(
        ParseResult arguments, Place place, string? type, CancellationToken cancellationToken)
    {
        using RegistryClient client = _registry.Connect(arguments);
        IReadOnlyList<Descriptor> found = await ManifestReader
            .ReferrersAsync(place.Image!, client, arguments.GetValue(_platform), cancellationToken).ConfigureAwait(false);
        return type is null ? found : [.. found.Where(referrer => referrer.ArtifactType == type)];
    }

    private static bool HasManifests(Place place) => place.Kind == PlaceKind.Image
        && place.Image!.Transport is ImageTransport.Registry or ImageTransport.Oci or ImageTransport.OciArchive;

    // Null when the answer to HEAD says too little.
    private static async Task<Descriptor?> TryFindAsync(
        RegistryRepository repository, ImageReference name, CancellationToken cancellationToken)
    {
        try
        {
            return await repository
                .FindManifestAsync(name.Digest?.ToString() ?? name.Tag!, cancellationToken).ConfigureAwait(false);
        }
        catch (MalformedDataException)
        {
            return null;
        }
    }
}
