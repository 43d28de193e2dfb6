using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Docker.Layers;

/// <summary>The layers of a Docker data root, as one storage driver keeps them. Nothing is written until a layer comes in; reading never
/// changes anything. Safe to use from several threads.</summary>
/// <remarks>Every call that changes the root takes it with <see cref="RootLock"/> while it runs. A caller that makes several such calls
/// takes it once around them.</remarks>
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

    /// <summary>Name of the storage driver in use.</summary>
    public string DriverName => Context.DriverName;

    /// <summary>What a layer may demand.</summary>
    public Limits Limits => Context.Limits;

    /// <summary>Whether layers may come in before the layers below them.</summary>
    internal bool CanDetach => !Context.Driver.NeedsParentTree;

    internal RootContext Context { get; }

    /// <summary>Opens a data root, which need not exist yet.</summary>
    /// <param name="root">Such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">Driver and limits; the root's own driver when null.</param>
    /// <exception cref="StoreException">The driver is unknown, or the root is in a subdirectory of this one, as a daemon with remapped
    /// users keeps it.</exception>
    /// <exception cref="ContainerdRootException">No driver was named, and containerd keeps the root's images.</exception>
    public static LayerStore Open(string root, DockerRootOptions? options = null) => new(RootContext.Open(root, options));

    /// <summary>Every layer that can be read, in order of ChainID. A directory that is no layer, or a damaged one, is left out, as
    /// the engine does.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public IEnumerable<Layer> Layers() => _layers.All();

    /// <summary>The layer of that ChainID; null when it is not there, or damaged.</summary>
    /// <exception cref="IOException">It could not be read, so it may be there.</exception>
    public Layer? TryGet(ChainId id) => _layers.TryGet(id);

    /// <summary>Finds a layer by ChainID or DiffID, whole or by the start of either.</summary>
    /// <exception cref="NotFoundException">No layer matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several layers match.</exception>
    public Layer Find(string id) => _layers.Find(id);

    /// <summary>
    /// Reads a compressed or plain layer to its end: checks its digests, unpacks its tree, records its tar, and makes it part of the
    /// store by one rename. A layer that is there already is a success.
    /// </summary>
    /// <param name="source">The layer; stays open.</param>
    /// <param name="options">Parent, expectations, and what else to do.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="MalformedDataException">The layer breaks its format, or no engine would unpack it.</exception>
    /// <exception cref="DigestMismatchException">An expected digest differs.</exception>
    /// <exception cref="LimitExceededException">The layer demands more than the store's limits.</exception>
    /// <exception cref="NotFoundException">The parent is not in the store.</exception>
    /// <exception cref="StoreException">The parent has too many layers below it.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: the disk is full, a permission is missing.</exception>
    public Task<LayerIngestResult> IngestAsync(
        Stream source, LayerIngestOptions? options = null, CancellationToken cancellationToken = default) =>
        _ingester.IngestAsync(source, options, cancellationToken);

    /// <summary>Reads a layer that stays hidden until it is committed, which may name its parent.</summary>
    /// <param name="source">The layer; stays open.</param>
    /// <param name="options">The parent only where the driver needs its tree: where <see cref="CanDetach"/> is false.</param>
    /// <param name="letsOthersWrite">Whether others may write to the root while this waits for the source, and until it is
    /// committed.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    internal Task<DetachedLayer> IngestDetachedAsync(
        Stream source, LayerIngestOptions options, bool letsOthersWrite, CancellationToken cancellationToken) =>
        _ingester.IngestDetachedAsync(source, options, letsOthersWrite, cancellationToken);

    /// <summary>Writes the layer's original tar, bit for bit, compressed if wanted. Every file is checked by its CRC-64, the whole by
    /// the DiffID, or by the digest that an earlier call found.</summary>
    /// <param name="id">A layer of this store.</param>
    /// <param name="target">Takes the layer; stays open. It gets the bytes before the last check is made.</param>
    /// <param name="options">How it is written: as it is when null.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="StoreException">A file is missing in its tree.</exception>
    /// <exception cref="MalformedDataException">A file has changed, or the recording is damaged.</exception>
    /// <exception cref="DigestMismatchException">The tar is not the original one, or the digest is not the expected one.</exception>
    public Task<EncodedLayer> ExportAsync(
        ChainId id, Stream target, LayerEncodeOptions? options = null, CancellationToken cancellationToken = default) =>
        _exporter.ExportAsync(id, target, options, cancellationToken);

    /// <summary>Opens the layer's original tar for reading. The end of the stream is reported only after the DiffID was checked.</summary>
    /// <param name="id">A layer of this store; it stays until the stream is disposed.</param>
    /// <param name="cancellationToken">Cancels the wait for a program that removes something.</param>
    /// <exception cref="NotFoundException">The layer is not in the store. Reading throws as
    /// <see cref="ExportAsync"/> does.</exception>
    public async Task<Stream> OpenTarAsync(ChainId id, CancellationToken cancellationToken = default) =>
        new LayerTarStream(await _exporter.OpenAsync(id, cancellationToken).ConfigureAwait(false));

    /// <summary>Bytes of the layer's original tar, added up from its recording: no file is read.</summary>
    /// <param name="id">A layer of this store.</param>
    /// <exception cref="NotFoundException">The layer is not in the store.</exception>
    /// <exception cref="MalformedDataException">The recording is damaged.</exception>
    public long TarLengthOf(ChainId id) => _exporter.TarLengthOf(id);

    /// <summary>Writes what a read-write layer changed, as a layer's tar.</summary>
    /// <param name="name">A read-write layer of this store.</param>
    /// <param name="target">Takes the tar; stays open.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <returns>The tar's DiffID, size and number of entries.</returns>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="StoreException">A file changed while it was read.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: only root can mount what must be compared.</exception>
    public Task<LayerSummary> DiffAsync(
        string name, Stream target, LayerDiffOptions? options = null, CancellationToken cancellationToken = default) =>
        _differ.DiffAsync(name, target, options, cancellationToken);

    /// <summary>Writes how any directory differs from a layer's whole tree, as a layer's tar. Names, kinds, owners, modes, sizes
    /// and times decide; contents are not compared.</summary>
    /// <param name="directory">The changed tree.</param>
    /// <param name="parent">A layer of this store; none for everything in the directory.</param>
    /// <param name="target">Takes the tar; stays open.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <returns>The tar's DiffID, size and number of entries.</returns>
    /// <exception cref="NotFoundException">The parent is not in the store, or there is no data root.</exception>
    /// <exception cref="StoreException">A file changed while it was read.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: only root can mount what must be compared.</exception>
    public Task<LayerSummary> DiffTreeAsync(
        string directory,
        ChainId? parent,
        Stream target,
        LayerDiffOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _differ.DiffTreeAsync(directory, parent, target, options, cancellationToken);

    /// <summary>Makes what a read-write layer changed a layer on the same parent. A layer that is there already is a success.</summary>
    /// <param name="name">A read-write layer of this store.</param>
    /// <param name="options">How its tar is made.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="StoreException">A file changed while it was read.</exception>
    /// <exception cref="SystemCallException">The kernel refused something.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<LayerIngestResult> CommitAsync(
        string name, LayerDiffOptions? options = null, CancellationToken cancellationToken = default) =>
        _differ.CommitAsync(name, options, cancellationToken);

    /// <summary>Every read-write layer, in order of names. What cannot be read is left out.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public IEnumerable<ReadWriteLayer> ReadWriteLayers() => _mounts.All();

    /// <summary>The read-write layer of that name; null when there is none, or it cannot be read.</summary>
    public ReadWriteLayer? TryGetReadWrite(string name) => _mounts.TryGet(name);

    /// <summary>Finds a read-write layer by its name, whole or by a unique start.</summary>
    /// <exception cref="NotFoundException">None matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several match.</exception>
    public ReadWriteLayer FindReadWrite(string name) => _mounts.Find(name);

    /// <summary>Makes a read-write layer.</summary>
    /// <param name="name">The id of its container.</param>
    /// <param name="parent">Top layer of the image; none for an empty tree.</param>
    /// <param name="withInit">Whether it is a container's, with what an engine needs in one; a build step's has none.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <exception cref="NotFoundException">The parent is not in the store.</exception>
    /// <exception cref="StoreException">The name is taken.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<ReadWriteLayer> CreateReadWriteAsync(
        string name, ChainId? parent, bool withInit = true, CancellationToken cancellationToken = default) =>
        _readWrite.CreateAsync(name, parent, withInit, cancellationToken);

    /// <summary>Removes a read-write layer. Its parent stays: <see cref="ReleaseAsync"/> is for that.</summary>
    /// <returns>What was removed.</returns>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    /// <exception cref="StoreException">It is mounted.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<ReadWriteLayer> RemoveReadWriteAsync(string name, CancellationToken cancellationToken = default) =>
        _readWrite.RemoveAsync(name, cancellationToken);

    /// <summary>Makes the layer's whole tree visible, for reading and writing. Each call needs one of
    /// <see cref="UnmountAsync"/>.</summary>
    /// <returns>The directory where the tree is.</returns>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="StoreException">It cannot be read, or has too many below it.</exception>
    /// <exception cref="SystemCallException">The kernel refused: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<string> MountAsync(string name, CancellationToken cancellationToken = default) =>
        _readWrite.MountAsync(name, cancellationToken);

    /// <summary>Undoes one <see cref="MountAsync"/>. The last one unmounts the tree; files of it that are open stay usable.</summary>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task UnmountAsync(string name, CancellationToken cancellationToken = default) =>
        _readWrite.UnmountAsync(name, cancellationToken);

    /// <summary>Whether the layer's tree is mounted. With drivers that need no mounts it never is.</summary>
    public bool IsMounted(string name) => _readWrite.IsMounted(name);

    /// <summary>Which layers and read-write layers are on which layer, now. A damaged layer counts for its parent too.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public LayerReferences References() => _remover.References();

    /// <summary>Removes a layer that something needed until now, unless anything else needs it, then the one below, and so on.</summary>
    /// <param name="top">The layer.</param>
    /// <param name="roots">The top layers of all images that remain. They and what is below them stay.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs, and the work between two layers.</param>
    /// <returns>The layers removed, the uppermost first.</returns>
    /// <remarks>Layers that BuildKit's cache needs stay, as with an engine.</remarks>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<Removal<Layer>> ReleaseAsync(
        ChainId top, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken = default) =>
        _remover.ReleaseAsync(top, roots, cancellationToken);

    /// <summary>Removes every layer that neither an image nor a read-write layer needs.</summary>
    /// <param name="roots">The top layers of all images. They and what is below them stay.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs, and the work between two layers.</param>
    /// <returns>The layers removed, each before its parent.</returns>
    /// <remarks>Layers that BuildKit's cache needs stay, as with an engine.</remarks>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<Removal<Layer>> RemoveUnreferencedAsync(IReadOnlySet<ChainId> roots, CancellationToken cancellationToken = default) =>
        _remover.RemoveUnreferencedAsync(roots, cancellationToken);

    /// <summary>The layers that <see cref="RemoveUnreferencedAsync"/> would remove, each before its parent.</summary>
    /// <param name="roots">The top layers of all images.</param>
    public Removal<Layer> Unreferenced(IReadOnlySet<ChainId> roots) => _remover.Unreferenced(roots);

    /// <summary>Removes what dead programs left: layers whose creation or removal was interrupted, read-write layers of interrupted build
    /// steps, directories of the driver that nothing names, dangling links. Every change of the root does so before it begins; this
    /// reports what was found.</summary>
    /// <param name="isTrial">Only says what would be removed.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <returns>Paths of what was, or would be, removed.</returns>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<IReadOnlyList<string>> SweepAsync(bool isTrial = false, CancellationToken cancellationToken = default) =>
        _sweeper.SweepAsync(isTrial, cancellationToken);

    /// <summary>Keeps layers, present or still to come, from being removed by other threads of this process.</summary>
    internal IDisposable Hold(RootLock taken, IEnumerable<ChainId> layers) =>
        new LayerHolds([.. layers.Select(id => taken.Users.Hold(Context.Paths.Layer(id)))]);

    /// <summary>Takes the root for writing, unless the caller holds it already, and sweeps it before the first time.</summary>
    internal Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken) => _sweeper.BeginWriteAsync(cancellationToken);

    /// <inheritdoc cref="ReadWriteDatabase.Discard"/>
    internal void DiscardReadWrite(string name) => _mounts.Discard(name);

    /// <inheritdoc cref="LayerRemover.NoteRelease"/>
    internal void NoteRelease(ChainId? top) => _remover.NoteRelease(top);

    /// <inheritdoc cref="LayerRemover.NotedReleases"/>
    internal IReadOnlyList<ChainId> NotedReleases() => _remover.NotedReleases();
}
