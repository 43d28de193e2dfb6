using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Counts the uses of one data root by this process, and holds the corresponding kernel locks. Writers lock the data
/// root directory itself, and readers lock its image databases, so that both can run at once; a removal locks both.
/// Writers and unpackers share the locks on a Docker daemon's databases.
/// </summary>
internal sealed class RootUsers
{
    private static readonly Dictionary<string, RootUsers> All = [];

    private readonly Lock _lock = new();
    private readonly string _root;
    private readonly string _images;
    private readonly Dictionary<string, FileLock> _againstDaemons = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _swept = [];
    private readonly Dictionary<string, int> _held = [];
    private MadeDirectories _made = new();
    private FileLock? _writing;
    private FileLock? _reading;
    private int _writers;
    private int _unpackers;
    private int _readers;
    private bool _areReadersExcluded;

    private RootUsers(string root)
    {
        _root = root;
        _images = RootPaths.Images(root);
    }

    /// <summary>Records the directories that writers create. Those that are still empty when the last writer and
    /// unpacker end are removed.</summary>
    public MadeDirectories Made => _made;

    public static RootUsers Of(string root)
    {
        string path = FilePath.RealPath(Path.GetFullPath(root));
        lock (All)
        {
            return All.TryGetValue(path, out RootUsers? users) ? users : All[path] = new RootUsers(path);
        }
    }

    /// <summary>Counts one more writer. If the data root is busy, returns an error that says which process is using
    /// it.</summary>
    public RootBusyException? TryAddWriter()
    {
        lock (_lock)
        {
            if (_writers == 0)
            {
                EnsureRoot();
                RootBusyException? busy = TryLock(_root, isExclusive: true, out _writing) ?? TryHoldOffDaemons();
                if (busy is not null)
                {
                    EndWriting();
                    return busy;
                }
            }

            _writers++;
            return null;
        }
    }

    /// <summary>Counts one more unpacker. Only a writer may call this, because its locks guarantee that no Docker
    /// daemon is running.</summary>
    public void AddUnpacker()
    {
        lock (_lock)
        {
            _unpackers++;
        }
    }

    // With user namespace remapping, the containers' root user must also be able to traverse the parent directory.
    // Otherwise a Docker daemon does not start.
    private void EnsureRoot()
    {
        var owners = OwnerMap.Of(_root);
        string[] made = owners.IsNone ? [] : [.. new[] { Path.GetDirectoryName(_root)!, _root }.Where(path => !Directory.Exists(path))];
        if (made.Length > 1)
        {
            _made.Ensure(Path.GetDirectoryName(made[0])!, Modes.Open);
        }

        _made.Ensure(_root, Modes.Passable);
        Array.ForEach(made, owners.LetThrough);
    }

    public RootBusyException? TryAddReader()
    {
        lock (_lock)
        {
            if (_areReadersExcluded)
            {
                return Busy(_images, "is removing something from it");
            }

            // In a data root without images, nothing could be removed during a read.
            if (_readers == 0 && FilePath.IsDirectory(_images) && TryLock(_images, isExclusive: false, out _reading) is { } busy)
            {
                return busy;
            }

            _readers++;
            return null;
        }
    }

    public RootBusyException? TryExcludeReaders(out Exclusion? exclusion)
    {
        lock (_lock)
        {
            exclusion = null;
            FileLock? taken = null;
            if (_readers > 0 || _areReadersExcluded)
            {
                return Busy(_images, "reads it");
            }

            if (FilePath.IsDirectory(_images) && TryLock(_images, isExclusive: true, out taken) is { } busy)
            {
                return busy;
            }

            _areReadersExcluded = true;
            exclusion = new Exclusion(this, taken);
            return null;
        }
    }

    /// <summary>Sweeps a part of the data root before the first write by this process, and returns what was removed. An
    /// unpacker counts as one writer across its several writes.</summary>
    public IReadOnlyList<string> SweepOnce(string part, Func<IReadOnlyList<string>> sweep)
    {
        lock (_lock)
        {
            return _swept.TryGetValue(part, out IReadOnlyList<string>? done) ? done : _swept[part] = sweep();
        }
    }

    public bool IsSwept(string part)
    {
        lock (_lock)
        {
            return _swept.ContainsKey(part);
        }
    }

    /// <summary>Protects a layer from removal by other threads of this process, until the returned object is
    /// disposed.</summary>
    public IDisposable Hold(string layer)
    {
        lock (_held)
        {
            _held[layer] = _held.GetValueOrDefault(layer) + 1;
            return new LayerHold(this, layer);
        }
    }

    /// <summary>Removes layers while no holds on layers can begin or end. <paramref name="remove"/> receives a function
    /// that tells which layers are held.</summary>
    public T WhileNobodyHolds<T>(Func<Func<string, bool>, T> remove)
    {
        lock (_held)
        {
            return remove(_held.ContainsKey);
        }
    }

    public void Leave(RootUse use)
    {
        lock (_lock)
        {
            switch (use)
            {
                case RootUse.Reading when --_readers == 0:
                    _reading?.Dispose();
                    _reading = null;
                    break;
                case RootUse.Writing when --_writers == 0:
                    EndWriting();
                    break;
                case RootUse.Unpacking when --_unpackers == 0 && _writers == 0:
                    // Only the holder of the lock may remove the directories it created. If another process holds the
                    // lock, it needs them.
                    if (!_made.IsEmpty)
                    {
                        FileLock.TryTake(_root, isExclusive: true, out _writing);
                    }

                    EndWriting();
                    break;
            }
        }
    }

    // A Docker daemon locks its databases for as long as it runs, and cannot start without those locks. While we share
    // them, no daemon runs.
    private RootBusyException? TryHoldOffDaemons()
    {
        // A database that did not exist before may exist now.
        foreach (string file in RootPaths.DaemonDatabases(_root).Where(file => !_againstDaemons.ContainsKey(file)))
        {
            int errno = FileLock.TryTake(file, isExclusive: false, out FileLock? taken);
            if (errno == Errno.Again)
            {
                int? process = FileLock.HolderOf(file);
                return new RootBusyException(
                    _root,
                    process,
                    isDaemon: true,
                    $"{_root}: a Docker daemon holds this root{LockHolder.Describe(process)}: stop it to write; reading works meanwhile");
            }

            if (taken is not null)
            {
                _againstDaemons.Add(file, taken);
            }
        }

        return null;
    }

    private void EndWriting()
    {
        if (_unpackers == 0)
        {
            foreach (FileLock taken in _againstDaemons.Values)
            {
                taken.Dispose();
            }

            _againstDaemons.Clear();
            _swept.Clear();
            if (_writing is not null)
            {
                // Only for the holder of the lock; otherwise another process may be using the directory by now.
                _made.Undo();
            }

            _made = new MadeDirectories();
        }

        _writing?.Dispose();
        _writing = null;
    }

    private RootBusyException? TryLock(string path, bool isExclusive, out FileLock? taken)
    {
        int errno = FileLock.TryTake(path, isExclusive, out taken);
        return errno switch
        {
            Errno.None => null,
            Errno.Again or Errno.NotFound => Busy(path, isExclusive && path == _root ? "writes to it" : "works on it"),
            _ => throw Errno.Error("lock", errno, path),
        };
    }

    private RootBusyException Busy(string path, string what)
    {
        int? process = FileLock.HolderOf(path);
        return new RootBusyException(_root, process, isDaemon: false, $"{_root}: another program {what}{LockHolder.Describe(process)}");
    }

    /// <summary>Excludes readers until it is disposed.</summary>
    internal sealed class Exclusion(RootUsers users, FileLock? taken) : IDisposable
    {
        public void Dispose()
        {
            lock (users._lock)
            {
                taken?.Dispose();
                users._areReadersExcluded = false;
            }
        }
    }

    private sealed class LayerHold(RootUsers users, string layer) : IDisposable
    {
        private bool _isDisposed;

        public void Dispose()
        {
            lock (users._held)
            {
                if (!_isDisposed && --users._held[layer] == 0)
                {
                    users._held.Remove(layer);
                }

                _isDisposed = true;
            }
        }
    }
}
