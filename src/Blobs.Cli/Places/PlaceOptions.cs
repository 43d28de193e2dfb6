using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Places;

/// <summary>The options of a verb that reads places: the data root, the platform, and access to registries.</summary>
internal sealed class PlaceOptions
{
    private readonly StoreOptions _stores = new(writes: false);
    private readonly Option<Platform?> _platform = RegistryAccessOptions.Platform();

    public RegistryAccessOptions Registry { get; } = new();

    /// <param name="command">The verb.</param>
    /// <param name="transfers">Whether it transfers several layers at once.</param>
    public void AddTo(Command command, bool transfers = false)
    {
        command.Options.Add(_platform);
        _stores.AddTo(command);
        Registry.AddTo(command, transfers);
    }

    /// <summary>Where the image of a place is; a plain name is in the store that <c>--root</c> names.</summary>
    public ImagePlace Locate(ParseResult arguments, Place place) =>
        _stores.At(arguments, place.ImageIn(() => _stores.PlaceIn(arguments)));

    public string? DriverIn(ParseResult arguments) => _stores.DriverIn(arguments);

    public Platform? PlatformIn(ParseResult arguments) => arguments.GetValue(_platform);

    /// <summary>Opens a place for reading. A data root is locked, shared, until the result is disposed.</summary>
    public async Task<OpenedPlace> OpenAsync(ParseResult arguments, Place place, CancellationToken cancellationToken)
    {
        if (place.Kind is PlaceKind.Container or PlaceKind.Layer)
        {
            return OpenIn(await _stores.OpenRootAsync(arguments, null, cancellationToken).ConfigureAwait(false), place);
        }

        ImagePlace located = Locate(arguments, place);
        if (located.Transport == ImageTransport.DockerData)
        {
            return OpenIn(await _stores.OpenRootAsync(arguments, located.Path, cancellationToken).ConfigureAwait(false), place);
        }

        RegistryClient client = Registry.Connect(arguments);
        try
        {
            OpenedSource source = await OpenedSource
                .OpenAsync(located, client, PlatformIn(arguments), cancellationToken).ConfigureAwait(false);
            return new OpenedPlace(place, source, source.Image?.Layers ?? [], client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Opens the store that plain names refer to.</summary>
    public Task<ImageStore> OpenStoreAsync(ParseResult arguments, CancellationToken cancellationToken) =>
        _stores.OpenAsync(arguments, null, cancellationToken);

    private static OpenedPlace OpenIn(LockedRoot locked, Place place)
    {
        DockerRoot root = locked.Root;
        try
        {
            return place.Kind switch
            {
                PlaceKind.Container => new OpenedPlace(place, null, root.LayersOf(root.Containers.Find(place.Name)), locked),
                PlaceKind.Layer => new OpenedPlace(place, null, root.LayersOf(root.Layers.Find(place.Name)), locked),
                _ => OpenImage(locked, place),
            };
        }
        catch
        {
            locked.Dispose();
            throw;
        }
    }

    // docker cp and docker export take the names of containers: a plain name that no image has may be one.
    private static OpenedPlace OpenImage(LockedRoot locked, Place place)
    {
        string name = place.Image is null ? place.Name : place.Image.Name
            ?? throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{place}: name an image, as {place}//NAME");
        try
        {
            OpenedSource source = OpenedSource.Open(locked.Root, name);
            return new OpenedPlace(place, source, source.Image!.Layers, locked);
        }
        catch (NotFoundException) when (ContainerLayers(locked.Root, name) is { } layers)
        {
            return new OpenedPlace(place, null, layers, locked);
        }
    }

    private static IReadOnlyList<ImageLayer>? ContainerLayers(DockerRoot root, string name)
    {
        try
        {
            return root.LayersOf(root.Containers.Find(name));
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
