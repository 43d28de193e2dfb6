using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Trees.Internal;

namespace Blobs.Docker.Layers;

/// <summary>The layers of a Docker data root, as kept by one storage driver. Nothing is written until a layer is
/// ingested; reading never changes anything. Safe to use from several threads.</summary>
/// <remarks>Every call that changes the data root locks it with <see cref="RootLock"/> while it runs. A caller that
/// makes several such calls should hold the lock around all of them.</remarks>
[SupportedOSPlatform("linux")]
public sealed class LayerStore
{
    private readonly LayerDatabase _layers;
    private readonly ReadWriteDatabase _mounts;
    private readonly LayerSweeper _sweeper;
    private readonly LayerIngester _ingester;
    private readonly LayerExporter _exporter;
    private readonly LayerDiffer _differ;
    private readonly ReadWriteLayers _readWrite;
    private readonly LayerRemover _remover;

    internal LayerStore(RootContext context)
    {
        Context = context;
        _layers = new LayerDatabase(context);
        _mounts = new ReadWriteDatabase(context);
        _sweeper = new LayerSweeper(context, _mounts);
        _ingester = new LayerIngester(context, _layers, _sweeper);
        _exporter = new LayerExporter(context, _layers);
        _differ = new LayerDiffer(context, _layers, _mounts, _sweeper, _ingester);
        _readWrite = new ReadWriteLayers(context, _layers, _mounts, _sweeper);
        _remover = new LayerRemover(context, _layers, _mounts, _sweeper);
    }

    /// <summary>The data root, as an absolute path.</summary>
    public string Root => Context.Root;

    /// <summary>The name of the storage driver in use.</summary>
    public string DriverName => Context.DriverName;

    /// <summary>The limits that apply to layers.</summary>
    public Limits Limits => Context.Limits;

    /// <summary>Whether layers can be ingested before the layers below them.</summary>
    internal bool CanDetach => !Context.Driver.NeedsParentTree;

    internal RootContext Context { get; }

    /// <summary>Opens a data root, which need not exist yet.</summary>
    /// <param name="root">The path, such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">The driver and limits. By default, the data root's own driver is used.</param>
    /// <exception cref="StoreException">The driver is unknown, or the actual data root is in a subdirectory, as with a
    /// Docker daemon that uses user namespace remapping.</exception>
    /// <exception cref="ContainerdRootException">No driver was specified, and containerd stores the data root's
    /// images.</exception>
    public static LayerStore Open(string root, DockerRootOptions? options = null) => new(RootContext.Open(root, options));

    /// <summary>All readable layers, ordered by ChainID. Directories that are not layers, and damaged layers, are
    /// omitted, as in dockerd.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has no data for this driver.</exception>
    public IEnumerable<Layer> Layers() => _layers.All();

    /// <summary>The layer with that ChainID; null if it is missing or damaged.</summary>
    /// <exception cref="IOException">The layer could not be read, so it may exist.</exception>
    public Layer? TryGet(ChainId id) => _layers.TryGet(id);

    /// <summary>Finds a layer by its ChainID or DiffID, or by a prefix of either.</summary>
    /// <exception cref="NotFoundException">No layer matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several layers match.</exception>
    public Layer Find(string id) => _layers.Find(id);

    /// <summary>
    /// Ingests a compressed or uncompressed layer: reads it to its end, verifies its digests, unpacks its tree, records
    /// its tar, and adds it to the store with a single rename. Succeeds if the layer already exists.
    /// </summary>
    /// <param name="source">The layer; stays open.</param>
    /// <param name="options">The parent, the expected digests, and other options.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    /// <exception cref="MalformedDataException">The layer is malformed, or dockerd would not unpack it.</exception>
    /// <exception cref="DigestMismatchException">An expected digest does not match.</exception>
    /// <exception cref="LimitExceededException">The layer exceeds the store's limits.</exception>
    /// <exception cref="NotFoundException">The parent is not in the store.</exception>
    /// <exception cref="StoreException">The parent has too many layers below it.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    /// <exception cref="SystemCallException">A system call failed, for example because the disk is full or a permission
    /// is missing.</exception>
    public Task<LayerIngestResult> IngestAsync(
        Stream source, LayerIngestOptions? options = null, CancellationToken cancellationToken = default) =>
        _ingester.IngestAsync(source, options, cancellationToken);

    /// <summary>Ingests a layer that stays hidden until it is committed. The parent can be given at the
    /// commit.</summary>
    /// <param name="source">The layer; stays open.</param>
    /// <param name="options">The options. Give the parent only if the driver needs its tree, that is, if
    /// <see cref="CanDetach"/> is false.</param>
    /// <param name="letsOthersWrite">Whether others may write to the data root while this waits for the source, and
    /// until the layer is committed.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    internal Task<DetachedLayer> IngestDetachedAsync(
        Stream source, LayerIngestOptions options, bool letsOthersWrite, CancellationToken cancellationToken) =>
        _ingester.IngestDetachedAsync(source, options, letsOthersWrite, cancellationToken);

    /// <summary>Writes the layer's original tar, bit for bit, optionally compressed. Every file is verified by its
    /// CRC-64, and the whole tar by its DiffID or by the digest that an earlier call found.</summary>
    /// <param name="id">A layer in this store.</param>
    /// <param name="target">Receives the layer; stays open. It receives bytes before the final verification.</param>
    /// <param name="options">How to encode the layer; null writes the uncompressed tar.</param>
    /// <param name="cancellationToken">Cancels the operation between two chunks.</param>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="StoreException">A file is missing from the layer's tree.</exception>
    /// <exception cref="MalformedDataException">A file has changed, or the recording is damaged.</exception>
    /// <exception cref="DigestMismatchException">The tar differs from the original, or a digest differs from the
    /// expected one.</exception>
    public Task<EncodedLayer> ExportAsync(
        ChainId id, Stream target, LayerEncodeOptions? options = null, CancellationToken cancellationToken = default) =>
        _exporter.ExportAsync(id, target, options, cancellationToken);

    /// <summary>Opens the layer's original tar for reading. The end of the stream is reported only after the DiffID has
    /// been verified.</summary>
    /// <param name="id">A layer in this store; it is kept until the stream is disposed.</param>
    /// <param name="cancellationToken">Cancels the wait for a process that is removing something.</param>
    /// <exception cref="NotFoundException">The layer is not in the store. Reading the stream throws the same exceptions
    /// as <see cref="ExportAsync"/>.</exception>
    public async Task<Stream> OpenTarAsync(ChainId id, CancellationToken cancellationToken = default) =>
        new RecordedTarStream(await _exporter.OpenAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>The size of the layer's original tar in bytes, computed from its recording without reading any
    /// files.</summary>
    /// <param name="id">A layer in this store.</param>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="MalformedDataException">The recording is damaged.</exception>
    public long TarLengthOf(ChainId id) => _exporter.TarLengthOf(id);

    /// <summary>Writes the changes in a read-write layer as a layer tar.</summary>
    /// <param name="name">A read-write layer in this store.</param>
    /// <param name="target">Receives the tar; stays open.</param>
    /// <param name="options">How to create the tar.</param>
    /// <param name="cancellationToken">Cancels the operation between two chunks.</param>
    /// <returns>The tar's DiffID, size and number of entries.</returns>
    /// <exception cref="NotFoundException">There is no layer with that name.</exception>
    /// <exception cref="StoreException">A file changed while it was being read.</exception>
    /// <exception cref="SystemCallException">A system call failed; the trees to compare can be mounted only by
    /// root.</exception>
    public Task<LayerSummary> DiffAsync(
        string name, Stream target, LayerDiffOptions? options = null, CancellationToken cancellationToken = default) =>
        _differ.DiffAsync(name, target, options, cancellationToken);

    /// <summary>Writes the differences between a directory and a layer's whole tree as a layer tar. Files are compared
    /// by name, type, owner, mode, size and time, not by content.</summary>
    /// <param name="directory">The changed tree.</param>
    /// <param name="parent">A layer in this store; null writes everything in the directory.</param>
    /// <param name="target">Receives the tar; stays open.</param>
    /// <param name="options">How to create the tar.</param>
    /// <param name="cancellationToken">Cancels the operation between two chunks.</param>
    /// <returns>The tar's DiffID, size and number of entries.</returns>
    /// <exception cref="NotFoundException">The parent is not in the store, or there is no data root.</exception>
    /// <exception cref="StoreException">A file changed while it was being read.</exception>
    /// <exception cref="SystemCallException">A system call failed; the trees to compare can be mounted only by
    /// root.</exception>
    public Task<LayerSummary> DiffTreeAsync(
        string directory,
        ChainId? parent,
        Stream target,
        LayerDiffOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _differ.DiffTreeAsync(directory, parent, target, options, cancellationToken);

    /// <summary>Makes a layer of the changes in a read-write layer, on the same parent. Succeeds if the layer already
    /// exists.</summary>
    /// <param name="name">A read-write layer in this store.</param>
    /// <param name="options">How to create the tar.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    /// <exception cref="NotFoundException">There is no layer with that name.</exception>
    /// <exception cref="StoreException">A file changed while it was being read.</exception>
    /// <exception cref="SystemCallException">A system call failed.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<LayerIngestResult> CommitAsync(
        string name, LayerDiffOptions? options = null, CancellationToken cancellationToken = default) =>
        _differ.CommitAsync(name, options, cancellationToken);

    /// <summary>All read-write layers, ordered by name. Unreadable ones are omitted.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has no data for this driver.</exception>
    public IEnumerable<ReadWriteLayer> ReadWriteLayers() => _mounts.All();

    /// <summary>The read-write layer with that name; null if there is none or it cannot be read.</summary>
    public ReadWriteLayer? TryGetReadWrite(string name) => _mounts.TryGet(name);

    /// <summary>Finds a read-write layer by its name or a unique prefix of it.</summary>
    /// <exception cref="NotFoundException">No read-write layer matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several read-write layers match.</exception>
    public ReadWriteLayer FindReadWrite(string name) => _mounts.Find(name);

    /// <summary>Creates a read-write layer.</summary>
    /// <param name="name">The layer's name: the id of its container.</param>
    /// <param name="parent">The top layer of the image; null for an empty tree.</param>
    /// <param name="withInit">Whether to create an init layer with what dockerd needs in a container. A build step's
    /// layer has none.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <exception cref="NotFoundException">The parent is not in the store.</exception>
    /// <exception cref="StoreException">The name is already in use.</exception>
    /// <exception cref="SystemCallException">A system call failed; mounting an overlay requires root.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<ReadWriteLayer> CreateReadWriteAsync(
        string name, ChainId? parent, bool withInit = true, CancellationToken cancellationToken = default) =>
        _readWrite.CreateAsync(name, parent, withInit, cancellationToken);

    /// <summary>Removes a read-write layer. Its parent is kept; use <see cref="ReleaseAsync"/> to remove it.</summary>
    /// <returns>The removed layer.</returns>
    /// <exception cref="NotFoundException">There is no layer with that name.</exception>
    /// <exception cref="StoreException">The layer is mounted.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<ReadWriteLayer> RemoveReadWriteAsync(string name, CancellationToken cancellationToken = default) =>
        _readWrite.RemoveAsync(name, cancellationToken);

    /// <summary>Mounts the layer's whole tree for reading and writing. Each call must be matched by a call to
    /// <see cref="UnmountAsync"/>.</summary>
    /// <returns>The directory that holds the tree.</returns>
    /// <exception cref="NotFoundException">There is no layer with that name.</exception>
    /// <exception cref="StoreException">The layer cannot be read, or has too many layers below it.</exception>
    /// <exception cref="SystemCallException">A system call failed; mounting an overlay requires root.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<string> MountAsync(string name, CancellationToken cancellationToken = default) =>
        _readWrite.MountAsync(name, cancellationToken);

    /// <summary>Undoes one <see cref="MountAsync"/> call. The last one unmounts the tree; files that are still open
    /// remain usable.</summary>
    /// <exception cref="NotFoundException">There is no layer with that name.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task UnmountAsync(string name, CancellationToken cancellationToken = default) =>
        _readWrite.UnmountAsync(name, cancellationToken);

    /// <summary>Whether the layer's tree is mounted. Always false for drivers that need no mounts.</summary>
    public bool IsMounted(string name) => _readWrite.IsMounted(name);

    /// <summary>The size of a read-write layer's own files in bytes, as <c>docker ps --size</c> counts them.</summary>
    internal long SizeOf(ReadWriteLayer layer) => _differ.SizeOf(layer);

    /// <summary>The layers and read-write layers that are currently on top of each layer. A damaged layer also counts
    /// as a reference to its parent.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has no data for this driver.</exception>
    public LayerReferences References() => _remover.References();

    /// <summary>Removes a layer that has just lost a reference, unless something else needs it; then does the same for
    /// the layer below, and so on.</summary>
    /// <param name="top">The layer.</param>
    /// <param name="roots">The top layers of all remaining images. These layers and all layers below them are
    /// kept.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes, or the operation between two
    /// layers.</param>
    /// <returns>The removed layers, from the top down.</returns>
    /// <remarks>Layers that BuildKit's cache needs are kept, as in dockerd.</remarks>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<Removal<Layer>> ReleaseAsync(
        ChainId top, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken = default) =>
        _remover.ReleaseAsync(top, roots, cancellationToken);

    /// <summary>Removes every layer that neither an image nor a read-write layer needs.</summary>
    /// <param name="roots">The top layers of all images. These layers and all layers below them are kept.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes, or the operation between two
    /// layers.</param>
    /// <returns>The removed layers, each before its parent.</returns>
    /// <remarks>Layers that BuildKit's cache needs are kept, as in dockerd.</remarks>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<Removal<Layer>> RemoveUnreferencedAsync(IReadOnlySet<ChainId> roots, CancellationToken cancellationToken = default) =>
        _remover.RemoveUnreferencedAsync(roots, cancellationToken);

    /// <summary>The layers that <see cref="RemoveUnreferencedAsync"/> would remove, each before its parent.</summary>
    /// <param name="roots">The top layers of all images.</param>
    public Removal<Layer> Unreferenced(IReadOnlySet<ChainId> roots) => _remover.Unreferenced(roots, _ => false);

    /// <inheritdoc cref="LayerRemover.Unreferenced"/>
    internal Removal<Layer> UnreferencedWithout(IReadOnlySet<ChainId> roots, Func<string, bool> isGone) =>
        _remover.Unreferenced(roots, isGone);

    /// <summary>The driver's directories that belong to BuildKit's cache; none when its databases cannot be
    /// read.</summary>
    internal IEnumerable<string> BuildCacheDirectories() => new BuildCacheGuard(Context.Root).KnownOf(Context.Driver.Ids());

    /// <summary>Removes what dead processes left: layers whose creation or removal was interrupted, read-write layers
    /// of interrupted build steps, unreferenced driver directories, and dangling links. Every change to the data root
    /// sweeps first anyway; this call also reports what was found.</summary>
    /// <param name="isTrial">Whether to report only what would be removed.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <returns>The paths that were removed, or would be removed.</returns>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<IReadOnlyList<string>> SweepAsync(bool isTrial = false, CancellationToken cancellationToken = default) =>
        _sweeper.SweepAsync(isTrial, cancellationToken);

    /// <summary>Protects layers, whether they exist yet or not, from removal by other threads of this
    /// process.</summary>
    internal IDisposable Hold(RootLock rootLock, IEnumerable<ChainId> layers) =>
        new LayerHolds([.. layers.Select(id => rootLock.Users.Hold(Context.Paths.Layer(id)))]);

    /// <summary>Locks the data root for writing, unless the caller already holds the lock. Sweeps the data root before
    /// the first write.</summary>
    internal Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken) => _sweeper.BeginWriteAsync(cancellationToken);

    /// <inheritdoc cref="ReadWriteDatabase.Discard"/>
    internal void DiscardReadWrite(string name) => _mounts.Discard(name);

    /// <inheritdoc cref="LayerRemover.NoteRelease"/>
    internal void NoteRelease(ChainId? top) => _remover.NoteRelease(top);

    /// <inheritdoc cref="LayerRemover.NotedReleases"/>
    internal IReadOnlyList<ChainId> NotedReleases() => _remover.NotedReleases();
}
