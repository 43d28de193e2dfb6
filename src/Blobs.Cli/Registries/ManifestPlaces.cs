using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Errors;
using Blobs.Hashing;
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
    public static Argument<Place> Argument()
    {
        Argument<Place> argument = PlaceArguments.Required(
            "REF", "A name in a registry, oci:DIR[:TAG] or oci-archive:FILE[:TAG].", PlainName.InRegistry, takesPath: false);
        argument.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<Place>() is { } place && !HasManifests(place))
            {
                result.AddError($"'{place}': there are no manifests there; name an image in a registry or an OCI layout");
            }
        });
        return argument;
    }

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
        return await ReadAsync(client, place.Image!, arguments.GetValue(_platform), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What refers to a manifest.</summary>
    public async Task<IReadOnlyList<Descriptor>> ReferrersAsync(
        ParseResult arguments, Place place, string? type, CancellationToken cancellationToken)
    {
        using RegistryClient client = _registry.Connect(arguments);
        ImageReference name = ImageReference.Parse(place.Image!.Name!).WithDefaultTag();
        RegistryRepository repository = client.Repository(name);
        Platform? platform = arguments.GetValue(_platform);

        // A referrer may be there before its subject is, so a digest need not exist.
        Digest subject = platform is null && name.Digest is { } digest
            ? digest
            : (await ReadAsync(client, place.Image, platform, cancellationToken).ConfigureAwait(false)).Digest;
        var found = new List<Descriptor>();
        await foreach (Descriptor one in repository.ReferrersAsync(subject, type, cancellationToken).ConfigureAwait(false))
        {
            found.Add(one);
        }

        return found;
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

    private static async Task<Manifest> ReadAsync(
        RegistryClient client, ImagePlace place, Platform? platform, CancellationToken cancellationToken)
    {
        if (place.Transport == ImageTransport.Registry)
        {
            ImageReference name = ImageReference.Parse(place.Name!).WithDefaultTag();
            return platform is null
                ? await client.Repository(name).GetManifestAsync(name, cancellationToken).ConfigureAwait(false)
                : (await RegistryImageSource.OpenAsync(client, name, platform, null, cancellationToken).ConfigureAwait(false)).Manifest;
        }

        await using OpenedSource source =
            await OpenedSource.OpenAsync(place, client, platform, cancellationToken).ConfigureAwait(false);
        return source.Image?.Manifest ?? source.Artifact!.Manifest;
    }
}
