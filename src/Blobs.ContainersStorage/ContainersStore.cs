using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>
/// The store that podman, CRI-O, buildah and skopeo share (containers/storage), with the driver <c>overlay</c>. It is read
/// and written beside running processes of theirs, under the same locks.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ContainersStore
{
    private const string RootStore = "/var/lib/containers/storage";

    private ContainersStore(string root, ContainersStoreOptions options)
    {
        Options = options;
        Paths = new StorePaths(root);
        Modes = StoreModes.Of(options);
    }

    /// <summary>Where podman keeps its images: for root <c>/var/lib/containers/storage</c>, for others
    /// <c>containers/storage</c> in their data directory.</summary>
    public static string DefaultRoot => CurrentUser.IsRoot
        ? RootStore
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data
                ? data
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/share"),
            "containers/storage");

    /// <summary>The store's directory.</summary>
    public string Root => Paths.Root;

    internal ContainersStoreOptions Options { get; }

    internal StorePaths Paths { get; }

    internal StoreModes Modes { get; }

    /// <summary>Opens a store, which need not exist yet. Nothing is read or written.</summary>
    /// <param name="root">Its directory.</param>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="StoreException">The store has another driver than <c>overlay</c>.</exception>
    public static ContainersStore Open(string root, ContainersStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        var store = new ContainersStore(Path.GetFullPath(root), options ?? new ContainersStoreOptions());
        if (!Exists(store.Root) && OtherDriver(store.Root) is { } driver)
        {
            throw new StoreException(store.Root, $"{store.Root}: this store has the driver {driver}; only overlay can be read and written");
        }

        return store;
    }

    /// <summary>Whether a directory is such a store, with the driver <c>overlay</c>.</summary>
    public static bool Exists(string root) => FilePath.IsDirectory(new StorePaths(root).Images);

    /// <summary>Whether a directory belongs to podman and the others, with whatever driver and even without images. One that is
    /// not there yet does when it is where they keep their images.</summary>
    public static bool IsAt(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        return FilePath.IsDirectory(path)
            ? Exists(path) || OtherDriver(path) is not null || FilePath.IsFile(Path.Combine(path, "storage.lock"))
            : path == DefaultRoot || path.EndsWith("/containers/storage", StringComparison.Ordinal);
    }

    /// <summary>The images, in the order in which they were stored. Manifest lists are not images, and are left
    /// out.</summary>
    /// <exception cref="NotFoundException">There is no store.</exception>
    public async Task<IReadOnlyList<StoredImage>> ListAsync(CancellationToken cancellationToken = default)
    {
        using StoreView view = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. view.State.Images.Where(view.IsImage)];
    }

    /// <summary>The images as <c>podman images</c> lists them, in the order in which they were stored.</summary>
    /// <exception cref="NotFoundException">There is no store.</exception>
    /// <exception cref="StoreException">An image is damaged.</exception>
    public async Task<IReadOnlyList<StoredImageSummary>> SummarizeAsync(CancellationToken cancellationToken = default)
    {
        using StoreView view = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return StoreListing.Of(view);
    }

    /// <summary>What <c>podman inspect</c> prints of an image: a JSON object.</summary>
    /// <param name="name">Its name, its id or the first digits of that.</param>
    /// <param name="cancellationToken">Ends the wait for the locks.</param>
    /// <exception cref="NotFoundException">There is no store, or no such image.</exception>
    /// <exception cref="StoreException">The image is damaged.</exception>
    public async Task<ReadOnlyMemory<byte>> InspectAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        using StoreView view = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return ImageInspection.Write(view, StoreListing.Of(view, StoreNames.Find(view.State, name)));
    }

    /// <summary>Opens an image.</summary>
    /// <param name="name">Its name, its id or the first digits of that. A name without a registry may also be one of
    /// <c>localhost</c>, which is what podman calls images that it built.</param>
    /// <param name="cancellationToken">Ends the wait for the locks.</param>
    /// <exception cref="NotFoundException">There is no store, or no such image.</exception>
    /// <exception cref="StoreException">The image is damaged, or is a manifest list.</exception>
    public async Task<ContainersImageSource> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        using StoreView view = await ReadAsync(cancellationToken).ConfigureAwait(false);
        StoredImage image = StoreNames.Find(view.State, name);
        ImageManifest manifest = view.ReadManifest(image);
        ImageConfig config = view.ReadConfig(image, manifest);
        IReadOnlyList<StoredLayer> layers = view.State.Chain(image.TopLayer);
        if (!layers.Select(layer => layer.DiffId).SequenceEqual(config.DiffIds.Select(diffId => (DiffId?)diffId)))
        {
            throw new StoreException(
                Paths.ImagesFile, $"image {image.Id}: its layers in the store are not those that its config names");
        }

        bool isName = ImageReference.TryParse(name, out _) && !image.Id.StartsWith(name, StringComparison.Ordinal);
        IEnumerable<string> names = isName ? image.Names.Where(one => StoreNames.IsMeant(one, name)) : image.Names;
        return new ContainersImageSource(this, image, config, manifest, layers, StoreNames.Parse(names));
    }

    /// <summary>Removes a name of an image, and the image with the last one.</summary>
    /// <param name="name">The name, the id, or the first digits of that. An id removes the image with its only
    /// name.</param>
    /// <param name="isForced">Whether an id also removes an image with several names.</param>
    /// <param name="cancellationToken">Ends the wait for the locks.</param>
    /// <exception cref="NotFoundException">There is no store, or no such image.</exception>
    /// <exception cref="StoreException">A container uses the image, or it has several names.</exception>
    public Task<RemovedImage> RemoveAsync(string name, bool isForced = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        Require();
        RequireWritable();
        return ImageRemover.RunAsync(this, name, isForced, cancellationToken);
    }

    /// <summary>Gives an image one more name. If another image has it, that one loses it.</summary>
    /// <param name="name">The image: a name, its id, or the first digits of that.</param>
    /// <param name="newName">The new name; without a tag, the tag is <c>latest</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the locks.</param>
    /// <exception cref="NotFoundException">There is no store, or no such image.</exception>
    public async Task TagAsync(string name, ImageReference newName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(newName);
        Require();
        RequireWritable();
        using StoreSession session = await StoreSession.BeginAsync(Paths, Options, cancellationToken).ConfigureAwait(false);
        StoredImage image = StoreNames.Find(session.State, name);
        session.Rename(image, [$"{newName.WithDefaultTag()}"]);
        session.SaveImages();
    }

    /// <summary>Checks that the store is there.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public void Require()
    {
        if (!Exists(Root))
        {
            throw new NotFoundException(Root, $"{Root}: there is no store of podman here (no overlay-images)");
        }
    }

    /// <summary>Opens the tar of any layer with a DiffID.</summary>
    internal async Task<Stream> OpenLayerAsync(DiffId diffId, CancellationToken cancellationToken)
    {
        string? id;
        using (StoreView view = await ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            id = view.State.Layers.Find(layer => layer.DiffId == diffId && !layer.IsIncomplete)?.Id;
        }

        return id is null
            ? throw new NotFoundException($"{diffId}", $"{Root}: there is no layer {diffId}")
            : await new ContainersLayer(this, id, diffId).OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async Task<StoreView> ReadAsync(CancellationToken cancellationToken)
    {
        Require();
        return await StoreView.OpenAsync(Paths, Options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the directories that a writer needs.</summary>
    internal void Prepare()
    {
        RequireWritable();
        bool isNew = !FilePath.IsDirectory(Paths.Overlay);
        var made = new MadeDirectories();
        made.Ensure(Paths.Overlay, Modes.Directory);
        made.Ensure(Paths.Links, MadeDirectories.Readable);
        made.Ensure(Paths.Layers, Modes.Directory);
        made.Ensure(Paths.Images, Modes.Directory);
        if (isNew && !Options.IsAdditional)
        {
            // Otherwise podman searches all trees for marks of fuse-overlayfs when it first opens the store.
            SmallFile.Create(Paths.MountProgramFile, "false", Modes.File);
        }
    }

    private void RequireWritable()
    {
        if (!CurrentUser.IsRoot)
        {
            throw new StoreException(Root, $"{Root}: only root can write into a store of podman");
        }

        if (FileStatus.TryGet(Root, out FileStatus status) == Errno.None && status.User != 0)
        {
            throw new StoreException(Root, $"{Root}: is the rootless store of user {status.User}; such a store can only be read");
        }

        if (SmallFile.TryReadText(Paths.MountProgramFile) == "true")
        {
            throw new StoreException(Root, $"{Root}: its layers have the form of fuse-overlayfs; such a store can only be read");
        }
    }

    private static string? OtherDriver(string root) => FilePath.IsDirectory(root)
        ? DirectoryList.Directories(root, "*-images").Select(path => Path.GetFileName(path)[..^"-images".Length]).FirstOrDefault()
        : null;
}
