using System.Diagnostics;
using System.Globalization;
using Blobs.Buffers;
using Blobs.Buffers.Internal;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tar;
using Blobs.TarSplit;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>
/// A layer that is being unpacked, consisting of a driver directory for the tree and a hidden directory for the
/// metadata. Commit publishes both with one rename; disposing without a commit removes both. If the driver allows it,
/// the parent can be given as late as at the commit.
/// </summary>
internal sealed class LayerTransaction : IDisposable
{
    private readonly RootContext _context;
    private readonly LayerDatabase _layers;
    private readonly Layer? _parentAtBegin;
    private readonly string _cacheId = CacheId.Create();
    private readonly MadeDirectories _made;
    private readonly string _metadata;
    private readonly bool _isLocked;
    private FileLock? _own;
    private DirectoryHandle? _root;
    private TreeWriter? _tree;
    private NewFile? _recording;
    private BlockEncoder? _tarSplit;
    private long _size;
    private bool _isSealed;
    private bool _isCommitted;

    private LayerTransaction(RootContext context, LayerDatabase layers, RootLock rootLock, Layer? parent)
    {
        _made = rootLock.Users.Made;
        _isLocked = rootLock.IsShared;
        _context = context;
        _layers = layers;
        _parentAtBegin = parent;
        _metadata = context.Paths.NewTemporary();
    }

    /// <summary>Receives the entries of the layer, and unpacks them on a separate thread.</summary>
    public ITarSink Tree => _tree!;

    /// <summary>Receives the recording, and compresses it while writing it to disk.</summary>
    public IByteSink TarSplit => _tarSplit!;

    public SkippedMetadata Skipped => _tree!.Skipped;

    /// <summary>Begins a layer.</summary>
    /// <param name="context">The data root.</param>
    /// <param name="layers">The database that the layer will belong to.</param>
    /// <param name="rootLock">The lock on the data root, held for as long as this object lives. If it lets others write in
    /// the meantime, the transaction itself is locked too, so that their sweeps leave it alone. The data root must
    /// still be locked for writing when the transaction begins and when it commits.</param>
    /// <param name="parent">The layer below; null for a bottom layer, or if the parent is given only at the
    /// commit.</param>
    public static LayerTransaction Begin(RootContext context, LayerDatabase layers, RootLock rootLock, Layer? parent)
    {
        var transaction = new LayerTransaction(context, layers, rootLock, parent);
        try
        {
            transaction.Open();
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    /// <summary>Whether a locked transaction is still running. Also true if that is unknown.</summary>
    /// <param name="metadata">The transaction's hidden directory.</param>
    public static bool IsAlive(string metadata)
    {
        int errno = FileLock.TryTake(metadata, isExclusive: true, out FileLock? lockFile);
        lockFile?.Dispose();
        return errno is not (Errno.None or Errno.NotFound);
    }

    /// <summary>Finishes and closes the files, after the digests have been verified. From then on the layer uses no
    /// handles and no memory, however long it waits for its commit.</summary>
    public void Seal()
    {
        _tree!.Finish();
        _tarSplit!.Complete();
        if (_context.Options.Durability == Durability.Full)
        {
            _recording!.FlushToDisk();
        }

        _size = _context.Driver.SizeOf(_tree);
        Close();
        _isSealed = true;
    }

    /// <summary>Makes the layer visible.</summary>
    /// <param name="diffId">The digest of the tar that the tree was unpacked from.</param>
    /// <param name="parent">The layer below. If the transaction began with a parent, it must be the same one.</param>
    /// <param name="alreadyExisted">Whether the store already had this layer. In that case the new one is removed and
    /// the existing one returned.</param>
    public Layer Commit(DiffId diffId, Layer? parent, out bool alreadyExisted)
    {
        Debug.Assert(_isSealed, "Only what is whole becomes visible.");
        ChainId chainId = parent is null ? ChainId.Of(diffId) : ChainId.Of(parent.ChainId, diffId);
        if (_layers.TryGet(chainId) is { } existing)
        {
            alreadyExisted = true;
            return existing;
        }

        if (parent is not null && _parentAtBegin is null)
        {
            _context.Driver.BindParent(_cacheId, parent.CacheId);
        }

        var layer = new Layer
        {
            ChainId = chainId,
            DiffId = diffId,
            Parent = parent?.ChainId,
            Size = _size,
            CacheId = _cacheId,
        };
        SmallFile.Create(RootPaths.DiffIdFile(_metadata), $"{diffId}");
        SmallFile.Create(RootPaths.SizeFile(_metadata), layer.Size.ToString(CultureInfo.InvariantCulture));
        if (parent is not null)
        {
            SmallFile.Create(RootPaths.ParentFile(_metadata), $"{parent.ChainId}");
        }

        // Layers that were read in parallel are all written by now, so the first commit flushes the bytes of the others
        // too.
        _context.FlushAll();
        Action unmarkParent = _context.Driver.MarkParent(parent?.CacheId);
        _isCommitted = AtomicDirectory.TryPublish(_metadata, _context.Paths.Layer(chainId));
        _context.FlushNames(_context.Paths.Layers);
        if (!_isCommitted)
        {
            // Another process has published the same layer in the meantime.
            unmarkParent();
        }

        alreadyExisted = !_isCommitted;
        return _isCommitted ? layer : _layers.TryGet(chainId) ?? throw LayerDatabase.Damaged(_context.Paths.Layer(chainId));
    }

    public void Dispose()
    {
        Close();
        if (!_isCommitted)
        {
            TakeBack(() => _context.Driver.Remove(_cacheId));
            TakeBack(() => TreeRemover.Remove(_metadata));
        }

        _own?.Dispose();
    }

    // The caller should see why the layer failed, not why the cleanup failed. Anything left is hidden, and the next
    // sweep removes it.
    private static void TakeBack(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or BlobsException)
        {
        }
    }

    private void Open()
    {
        _made.Ensure(_context.Root, Modes.Passable);
        _made.Ensure(_context.Paths.LayerDb, Modes.Private);
        _made.Ensure(_context.Paths.Layers, Modes.Open);
        _made.Ensure(_context.Paths.Temporary, Modes.Open);
        new MadeDirectories().Ensure(_metadata, Modes.Private);
        if (_isLocked && FileLock.TryTake(_metadata, isExclusive: true, out _own) is not Errno.None and var errno)
        {
            throw Errno.Error("lock", errno, _metadata);
        }

        // From here on, a sweep knows that the driver directory is in use.
        SmallFile.Create(RootPaths.CacheIdFile(_metadata), _cacheId);
        _context.Driver.Create(_cacheId, _parentAtBegin?.CacheId, _made);
        _root = DirectoryHandle.Open(_context.Driver.TreeOf(_cacheId));
        _tree = new TreeWriter(
            _root, _context.Driver.Whiteouts, _context.Limits, _context.Options.Durability == Durability.Full, _context.Owners);
        _recording = NewFile.Create(RootPaths.TarSplitFile(_metadata), RootPaths.TarSplitFile(_metadata), SmallFile.Readable);
        _tarSplit = new BlockEncoder(new StreamSink(_recording), CompressionKind.Gzip, TarSplitRecorder.GzipLevel);
    }

    private void Close()
    {
        _tree?.Dispose();
        _root?.Dispose();
        _tarSplit?.Dispose();
        _recording?.Dispose();
    }
}
