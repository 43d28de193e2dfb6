using System.CommandLine;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Places;

/// <summary>The options of a verb that reads places: the data root, the platform, and access to registries.</summary>
internal sealed class PlaceOptions
{
    private readonly Option<string> _root = CommonOptions.Root();
    private readonly Option<string?> _driver = CommonOptions.Driver();
    private readonly Option<Platform?> _platform = RegistryAccessOptions.Platform();
    private readonly ContainerdAccessOptions _containerd = new();

    public RegistryAccessOptions Registry { get; } = new();

    /// <param name="command">The verb.</param>
    /// <param name="transfers">Whether it transfers several layers at once.</param>
    public void AddTo(Command command, bool transfers = false)
    {
        command.Options.Add(_platform);
        command.Options.Add(_root);
        command.Options.Add(_driver);
        _containerd.AddTo(command);
        Registry.AddTo(command, transfers);
    }

    /// <summary>Where the image of a place is; a plain name is in the data root.</summary>
    public ImagePlace Locate(ParseResult arguments, Place place) =>
        _containerd.Locate(arguments, place.ImageIn(arguments.GetRequiredValue(_root)));

    public string? DriverIn(ParseResult arguments) => arguments.GetValue(_driver);

    public Platform? PlatformIn(ParseResult arguments) => arguments.GetValue(_platform);

    /// <summary>Opens a place for reading. A data root is locked, shared, until the result is disposed.</summary>
    public async Task<OpenedPlace> OpenAsync(ParseResult arguments, Place place, CancellationToken cancellationToken)
    {
        if (place.Kind != PlaceKind.Image || place.Image!.Transport == ImageTransport.DockerData)
        {
            LockedRoot root = await OpenRootAsync(
                arguments, place.Image?.Path ?? arguments.GetRequiredValue(_root), cancellationToken).ConfigureAwait(false);
            return OpenIn(root, place);
        }

        RegistryClient client = Registry.Connect(arguments);
        try
        {
            OpenedSource source = await OpenedSource
                .OpenAsync(_containerd.Locate(arguments, place.Image), client, PlatformIn(arguments), cancellationToken)
                .ConfigureAwait(false);
            return new OpenedPlace(place, source, source.Image?.Layers ?? [], client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Opens the data root that plain names refer to, and locks it, shared.</summary>
    public Task<LockedRoot> OpenRootAsync(ParseResult arguments, CancellationToken cancellationToken) =>
        OpenRootAsync(arguments, arguments.GetRequiredValue(_root), cancellationToken);

    private async Task<LockedRoot> OpenRootAsync(ParseResult arguments, string path, CancellationToken cancellationToken)
    {
        DockerRoot root = DockerRoot.Open(
            path, new DockerRootOptions { Driver = arguments.GetValue(_driver), Notices = Notices.ToStandardError });
        root.Require();
        return new LockedRoot(root, await RootAccess.ReadAsync(root.Path, cancellationToken).ConfigureAwait(false));
    }

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
