using System.Runtime.Versioning;
using Blobs.Containerd;
using Blobs.ContainersStorage;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image or artifact at a place, opened for reading. Dispose it after the last layer was read.</summary>
[SupportedOSPlatform("linux")]
public sealed class OpenedSource : IAsyncDisposable
{
    private readonly IDisposable?[] _owned;

    private OpenedSource(IImageSource? image, Artifact? artifact, params IDisposable?[] owned)
    {
        Image = image;
        Artifact = artifact;
        _owned = owned;
    }

    /// <summary>The image; null for an artifact.</summary>
    public IImageSource? Image { get; }

    /// <summary>The artifact; null for an image.</summary>
    public Artifact? Artifact { get; }

    /// <summary>Opens what a place names.</summary>
    /// <param name="place">The place. An archive must be a seekable file that is not compressed as a whole.</param>
    /// <param name="client">Reads from registries; one with default options when null.</param>
    /// <param name="platform">Which image of several under one name; the one for this machine when null.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="NotFoundException">There is no such image or data root.</exception>
    /// <exception cref="MalformedDataException">The place names no image, or its documents are malformed.</exception>
    /// <exception cref="RegistryException">The registry does not have it, or refuses the request.</exception>
    public static async Task<OpenedSource> OpenAsync(
        ImagePlace place,
        RegistryClient? client = null,
        Platform? platform = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        RegistryClient? own = client is null ? new RegistryClient() : null;
        try
        {
            return place.Transport switch
            {
                ImageTransport.DockerData => OfRoot(place),
                ImageTransport.Erofs => throw new MalformedDataException(
                    Fault.ReferenceSyntax, 0, $"{place}: holds layers, not images; it can only be copied to"),
                ImageTransport.ContainersStorage => await OfStoreAsync(place, own, cancellationToken).ConfigureAwait(false),
                ImageTransport.Containerd => await OfContainerdAsync(place, platform, own, cancellationToken).ConfigureAwait(false),
                ImageTransport.Registry =>
                    await OfRegistryAsync(place, client ?? own!, platform, own, cancellationToken).ConfigureAwait(false),
                _ => await OfArchiveAsync(place, client ?? own!, platform, own, cancellationToken).ConfigureAwait(false),
            };
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    /// <summary>Opens an image whose manifest or index a registry gave already.</summary>
    internal static async Task<OpenedSource> OpenAsync(
        ImagePlace place, RegistryClient client, Manifest? named, Platform? platform, CancellationToken cancellationToken)
    {
        if (named is null || place.Transport != ImageTransport.Registry)
        {
            return await OpenAsync(place, client, platform, cancellationToken).ConfigureAwait(false);
        }

        ImageReference reference = ImageReference.Parse(place.Name!);
        return new OpenedSource(
            await RegistryImageSource.OpenAsync(client, reference, named, platform, cancellationToken).ConfigureAwait(false), null);
    }

    /// <summary>Opens an image of a data root.</summary>
    /// <param name="root">The data root.</param>
    /// <param name="name">The name or id that the user entered.</param>
    /// <exception cref="NotFoundException">There is no such image or data root.</exception>
    public static OpenedSource Open(DockerRoot root, string name)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(name);
        Image image = root.Find(name);
        bool isName = ImageReference.TryParse(name, out ImageReference? reference) && root.Names.Read().TryGet(reference, out _);
        return new OpenedSource(new DockerImageSource(root, image, isName ? [reference!.WithDefaultTag()] : []), null);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (IDisposable? owned in _owned)
        {
            owned?.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static OpenedSource OfRoot(ImagePlace place) => Open(
        DockerRoot.Open(place.Path),
        place.Name ?? throw new MalformedDataException(
            Fault.ReferenceSyntax, 0, $"{place}: name an image, as docker-data:{place.Path}//NAME"));

    private static async Task<OpenedSource> OfStoreAsync(ImagePlace place, IDisposable? own, CancellationToken cancellationToken)
    {
        string name = place.Name ?? throw new MalformedDataException(
            Fault.ReferenceSyntax, 0, $"{place}: name an image, as containers-storage:{place.Path}//NAME");
        var store = ContainersStore.Open(OpenTarget.StoreRoot(place));
        return new OpenedSource(await store.OpenAsync(name, cancellationToken).ConfigureAwait(false), null, own);
    }

    private static async Task<OpenedSource> OfContainerdAsync(
        ImagePlace place, Platform? platform, IDisposable? own, CancellationToken cancellationToken)
    {
        string name = place.Name ?? throw new MalformedDataException(
            Fault.ReferenceSyntax, 0, $"{place}: name an image, as containerd:NAMESPACE//NAME");
        ContainerdStore store = ContainerdStore.Open(place.Address, place.Path);
        try
        {
            return new OpenedSource(await store.OpenAsync(name, platform, cancellationToken).ConfigureAwait(false), null, store, own);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static async Task<OpenedSource> OfRegistryAsync(
        ImagePlace place, RegistryClient client, Platform? platform, IDisposable? own, CancellationToken cancellationToken)
    {
        RegistryContent content = await RegistryContent
            .OpenAsync(client, ImageReference.Parse(place.Name!), platform, cancellationToken).ConfigureAwait(false);
        return new OpenedSource(content.Image, content.Artifact, own);
    }

    private static async Task<OpenedSource> OfArchiveAsync(
        ImagePlace place, RegistryClient client, Platform? platform, IDisposable? own, CancellationToken cancellationToken)
    {
        // Archives can be written as a stream, but not read as one here: the documents may follow the layers.
        if (place.Path == InputFile.StandardInput)
        {
            throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{place}: standard input cannot be read twice; name a file");
        }

        bool isLayout = place.Transport is ImageTransport.Oci or ImageTransport.OciArchive;
        IArchiveFiles files =
            await ImageArchive.OpenFilesAsync(place.Path, Limits.Default, cancellationToken).ConfigureAwait(false);
        ImageArchive archive = ImageArchive.Open(files, Limits.Default, isLayout, platform, place.Name).With(client);
        try
        {
            Artifact? artifact = archive.FindArtifact(place.Name);
            return new OpenedSource(artifact is null ? archive.Find(place.Name) : null, artifact, archive, own);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }
}
