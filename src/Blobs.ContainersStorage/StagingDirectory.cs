using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>
/// A temporary directory in the store with a locked file beside it, named as containers/storage names its own. Whoever
/// finds the lock free removes both: their process is dead. No lock of the store is needed to make one.
/// </summary>
internal sealed class StagingDirectory : IDisposable
{
    private const int Attempts = 32;
    private const int NameDigits = 18;
    private const string LockPrefix = "lock-";
    private const string DirectoryPrefix = "temp-dir-";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateDirectory = Private | UnixFileMode.UserExecute;

    private readonly string _parent;
    private readonly string _lockPath;
    private readonly RecordLock _lock;

    private StagingDirectory(string parent, string name, RecordLock taken)
    {
        _parent = parent;
        _lockPath = Path.Combine(parent, LockPrefix + name);
        _lock = taken;
        DirectoryPath = Path.Combine(parent, DirectoryPrefix + name);
    }

    /// <summary>The directory.</summary>
    public string DirectoryPath { get; }

    /// <summary>Makes one, and removes those whose processes are dead.</summary>
    public static StagingDirectory Create(string parent)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                new MadeDirectories().Ensure(parent, PrivateDirectory);
                Sweep(parent);
                if (TryCreate(parent) is { } made)
                {
                    return made;
                }
            }
            catch (SystemCallException fault) when (attempt < Attempts && Errno.IsMissing(fault.Errno))
            {
                // Another process removed the parent, which was empty.
            }

            if (attempt == Attempts)
            {
                throw new StoreException(parent, $"{parent}: other processes keep removing what is made here");
            }
        }
    }

    /// <summary>Removes what dead processes left, and the parent when nothing is in it.</summary>
    public static void SweepAll(string parent)
    {
        try
        {
            if (FilePath.IsDirectory(parent))
            {
                Sweep(parent);
                TryRemove(parent);
            }
        }
        catch (SystemCallException fault) when (Errno.IsMissing(fault.Errno))
        {
            // Another process removed the parent meanwhile.
        }
    }

    public void Dispose()
    {
        if (_lock.IsAt(_lockPath))
        {
            TreeRemover.Remove(DirectoryPath);
            File.Delete(_lockPath);
        }

        _lock.Dispose();
        TryRemove(_parent);
    }

    private static void Sweep(string parent)
    {
        foreach (string path in DirectoryList.Files(parent, $"{LockPrefix}*"))
        {
            if (RecordLock.TryTake(path, isExclusive: true, newMode: null, out RecordLock? taken) == Errno.None)
            {
                using var dead = new StagingDirectory(parent, Path.GetFileName(path)[LockPrefix.Length..], taken!);
            }
        }
    }

    // podman 4.3 takes an empty directory here for a damaged layer.
    private static void TryRemove(string parent)
    {
        try
        {
            Directory.Delete(parent);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static StagingDirectory? TryCreate(string parent)
    {
        string name = RandomNumberGenerator.GetString("0123456789", NameDigits);
        string lockPath = Path.Combine(parent, LockPrefix + name);
        int errno = RecordLock.TryTake(lockPath, isExclusive: true, Private, out RecordLock? taken);
        if (errno != Errno.None)
        {
            return errno == Errno.Again ? null : throw Errno.Error("lock", errno, lockPath);
        }

        // Between making the file and locking it, another process may have taken it for a dead one's.
        var made = new StagingDirectory(parent, name, taken!);
        if (!taken!.IsAt(lockPath))
        {
            taken.Dispose();
            return null;
        }

        try
        {
            DurableDirectory.Make(made.DirectoryPath, PrivateDirectory);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }
}
