using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>
/// Caches open directories below one root, by path. Archives visit a tree in order, so a few dozen entries almost
/// always suffice. The kernel resolves symbolic links on the way inside the root (openat2 with RESOLVE_IN_ROOT). The
/// cache must be cleared after anything is removed or replaced.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class DirectoryCache(DirectoryHandle root) : IDisposable
{
    private const int Capacity = 32;

    private readonly Slot[] _slots = new Slot[Capacity];
    private int _latest;
    private long _clock;

    /// <summary>The directory at a path below the root; the cache owns the handle.</summary>
    /// <param name="path">Without NUL; empty for the root.</param>
    /// <param name="pathZ">The same with NUL.</param>
    /// <param name="directory">Valid until 30 other directories have been requested.</param>
    /// <returns>An error number.</returns>
    public int TryGet(ReadOnlySpan<byte> path, ReadOnlySpan<byte> pathZ, out DirectoryHandle directory)
    {
        directory = root;
        if (path.IsEmpty)
        {
            return Errno.None;
        }

        int hash = Hash(path);
        if (Matches(_slots[_latest], hash, path))
        {
            directory = _slots[_latest].Handle!;
            return Errno.None;
        }

        int oldest = 0;
        for (int i = 0; i < Capacity; i++)
        {
            if (Matches(_slots[i], hash, path))
            {
                _latest = i;
                _slots[i].Used = ++_clock;
                directory = _slots[i].Handle!;
                return Errno.None;
            }

            oldest = _slots[i].Used < _slots[oldest].Used ? i : oldest;
        }

        int errno = root.TryOpenInside(pathZ, out DirectoryHandle? opened);
        if (errno == Errno.None)
        {
            _slots[oldest].Handle?.Dispose();
            _slots[oldest] = new Slot { Handle = opened, Path = path.ToArray(), Hash = hash, Used = ++_clock };
            _latest = oldest;
            directory = opened!;
        }

        return errno;
    }

    /// <summary>Closes all directories but one that is still in use.</summary>
    public void Clear(DirectoryHandle? keep = null)
    {
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (slot.Handle != keep)
            {
                slot.Handle?.Dispose();
                slot = default;
            }
        }
    }

    public void Dispose() => Clear();

    private static bool Matches(in Slot slot, int hash, ReadOnlySpan<byte> path) =>
        slot.Handle is not null && slot.Hash == hash && path.SequenceEqual(slot.Path);

    private static int Hash(ReadOnlySpan<byte> path)
    {
        var hash = default(HashCode);
        hash.AddBytes(path);
        return hash.ToHashCode();
    }

    private struct Slot
    {
        public DirectoryHandle? Handle;
        public byte[] Path;
        public int Hash;
        public long Used;
    }
}
