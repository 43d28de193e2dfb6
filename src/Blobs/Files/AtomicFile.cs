using Blobs.Errors;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>
/// A file that is written out of sight and appears under its name at once and complete; on disk, too, unless nobody asked for that.
/// Disposed before that it is gone. Nothing else renames files.
/// </summary>
public sealed unsafe class AtomicFile : IDisposable
{
    // Enough for whoever removes the directory that we are about to write into, a few times over.
    private const int Attempts = 32;
    private const uint UsualMode = 0b110_110_110;

    private readonly DirectoryHandle _directory;
    private readonly bool _ownsDirectory;
    private readonly SafeFileHandle _handle;
    private readonly string _shown;
    private byte[]? _temporaryZ;

    private AtomicFile(DirectoryHandle directory, bool ownsDirectory, byte[] temporaryZ, int handle, string shown)
    {
        _directory = directory;
        _ownsDirectory = ownsDirectory;
        _handle = new SafeFileHandle(handle, ownsHandle: true);
        _shown = shown;
        _temporaryZ = temporaryZ;
        Stream = new OutputStream(_handle, shown, canSeek: true);
    }

    /// <summary>Takes the bytes; it can be sought in.</summary>
    public Stream Stream { get; }

    /// <summary>Makes one whose name is known.</summary>
    /// <param name="path">What it is to be called.</param>
    /// <param name="names">What it is called until then.</param>
    /// <param name="mode">Its mode, exactly; what the process's mask leaves of the usual one when null.</param>
    /// <exception cref="SystemCallException">It cannot be made.</exception>
    public static AtomicFile Create(string path, TemporaryNames names, UnixFileMode? mode) =>
        CreateAt(names.PathFor(path), path, mode);

    /// <summary>Makes one whose name is not known yet.</summary>
    /// <param name="temporary">Where it is until then.</param>
    /// <param name="shown">What errors name.</param>
    /// <param name="mode">Its mode, exactly; what the process's mask leaves of the usual one when null.</param>
    /// <exception cref="SystemCallException">It cannot be made.</exception>
    public static AtomicFile CreateAt(string temporary, string shown, UnixFileMode? mode)
    {
        byte[] folderZ = DirectoryHandle.Terminated(Path.GetDirectoryName(temporary)!);
        int errno = DirectoryHandle.TryOpen(null, folderZ, out DirectoryHandle? directory);
        AtomicFile? file = null;
        if (errno == Errno.None)
        {
            errno = TryCreate(directory!, Path.GetFileName(temporary), shown, (uint?)mode ?? UsualMode, out file, ownsDirectory: true);
        }

        if (errno == Errno.None && mode is { } exact)
        {
            errno = FileHandle.SetMode((int)file!._handle.DangerousGetHandle(), (uint)exact);
        }

        if (errno == Errno.None)
        {
            // Sweeps spare what somebody has locked.
            FileLock.TryShare((int)file!._handle.DangerousGetHandle());
            return file;
        }

        file?.Dispose();
        directory?.Dispose();
        throw Errno.Error("open", errno, shown);
    }

    /// <summary>Makes one in a directory that is open, and stays the caller's.</summary>
    /// <returns>An error number.</returns>
    public static int TryCreate(
        DirectoryHandle directory, string temporary, string shown, uint mode, out AtomicFile? file, bool ownsDirectory = false)
    {
        byte[] temporaryZ = DirectoryHandle.Terminated(temporary);
        int errno = directory.TryCreateFile(temporaryZ, mode, out int handle);
        file = errno == Errno.None ? new AtomicFile(directory, ownsDirectory, temporaryZ, handle, shown) : null;
        return errno;
    }

    /// <summary>Puts a small file in place of whatever has its name, in one step.</summary>
    public static void Replace(
        string path,
        ReadOnlySpan<byte> content,
        TemporaryNames names,
        UnixFileMode? mode = SmallFile.Readable,
        bool isDurable = true)
    {
        using AtomicFile file = Create(path, names, mode);
        file.Stream.Write(content);
        file.Commit(path, isDurable);
    }

    /// <summary>The same, making the directories above it as they are needed.</summary>
    public static void ReplaceDeep(string path, ReadOnlyMemory<byte> content, TemporaryNames names, bool isDurable) =>
        InDirectoryOf(path, isDurable, IsOfRemoval, () => Replace(path, content.Span, names, mode: null, isDurable));

    /// <summary>Makes a small file that was not there, and the directories above it as they are needed; false when it is there. Of several
    /// who try at once exactly one succeeds.</summary>
    public static bool TryCreateDeep(string path, ReadOnlyMemory<byte> content, TemporaryNames names, bool isDurable)
    {
        bool isCreated = false;
        InDirectoryOf(path, isDurable, IsOfRemoval, () =>
        {
            using AtomicFile file = Create(path, names, mode: null);
            file.Stream.Write(content.Span);
            isCreated = file.TryCommitNew(path, isDurable);
        });
        return isCreated;
    }

    /// <summary>Moves a file that was flushed to disk to its name, and flushes the directory, so that the name is on disk too.</summary>
    public static void Publish(string source, string target, bool isDurable = true)
    {
        int errno;
        fixed (byte* from = DirectoryHandle.Terminated(source), to = DirectoryHandle.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(Syscalls.CurrentDirectory, from, Syscalls.CurrentDirectory, to, 0));
        }

        EndRename(errno, target, isDurable);
    }

    /// <summary>The same, making the directories above it as they are needed.</summary>
    public static void PublishDeep(string source, string target, bool isDurable) => InDirectoryOf(
        target,
        isDurable,
        fault => fault is SystemCallException { Errno: Errno.NotFound or Errno.NotDirectory } && FilePath.IsFile(source),
        () => Publish(source, target, isDurable));

    /// <summary>Puts what has one name in an open directory in the place of another.</summary>
    /// <returns>An error number.</returns>
    public static int Rename(DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> newNameZ)
    {
        fixed (byte* name = nameZ, newName = newNameZ)
        {
            return Errno.Of(Syscalls.RenameAt2(directory.Handle, name, directory.Handle, newName, 0));
        }
    }

    /// <summary>Says that everything was written: it gets its name, wherever that is on the same file system.</summary>
    /// <exception cref="SystemCallException">The disk did not take it; what was there before stays.</exception>
    public void Commit(string target, bool isDurable = true)
    {
        if (isDurable)
        {
            FileHandle.FlushToDisk(_handle, target);
        }

        int errno;
        fixed (byte* from = _temporaryZ, to = DirectoryHandle.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(_directory.Handle, from, Syscalls.CurrentDirectory, to, 0));
        }

        if (errno == Errno.None)
        {
            _temporaryZ = null;
            _handle.Dispose();
        }

        EndRename(errno, target, isDurable);
    }

    /// <summary>The same for a name that nothing has; false when something has it.</summary>
    public bool TryCommitNew(string target, bool isDurable)
    {
        const uint DoNotReplace = 1;
        if (isDurable)
        {
            FileHandle.FlushToDisk(_handle, target);
        }

        int errno;
        fixed (byte* from = _temporaryZ, to = DirectoryHandle.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(_directory.Handle, from, Syscalls.CurrentDirectory, to, DoNotReplace));
            bool isMoved = errno == Errno.None;
            if (errno is Errno.Invalid or Errno.NotImplemented or Errno.NotSupported)
            {
                // A file system that only knows links: the other name is removed when this is disposed.
                errno = Errno.Of(Syscalls.LinkAt(_directory.Handle, from, Syscalls.CurrentDirectory, to, 0));
            }

            _temporaryZ = isMoved ? null : _temporaryZ;
        }

        if (errno == Errno.Exists)
        {
            return false;
        }

        EndRename(errno, target, isDurable);
        return true;
    }

    /// <summary>The same for a name in the directory that it was made in. A directory that may be written to and not be read cannot be
    /// flushed, and is not.</summary>
    public void Commit(ReadOnlySpan<byte> nameZ)
    {
        FileHandle.FlushToDisk(_handle, _shown);
        int errno = Rename(_directory, _temporaryZ, nameZ);
        if (errno != Errno.None)
        {
            throw Errno.Error("rename", errno, _shown);
        }

        _temporaryZ = null;
        errno = _directory.TryOpenChild(".\0"u8, out DirectoryHandle? readable);
        using (readable)
        {
            errno = readable is null ? errno : FileHandle.Sync(readable.Handle);
            if (errno is not (Errno.None or Errno.Invalid or Errno.AccessDenied))
            {
                throw Errno.Error("fsync", errno, _shown);
            }
        }
    }

    /// <summary>Gives it an owner and a mode as far as that is allowed: not everybody may give files away.</summary>
    public void TryGiveTo(uint user, uint group, uint mode)
    {
        int handle = (int)_handle.DangerousGetHandle();
        _ = FileHandle.SetOwner(handle, user, group);
        _ = FileHandle.SetMode(handle, mode);
    }

    /// <summary>Closes it, and removes it if it was not committed.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (_temporaryZ is not null)
        {
            // Why it was not written is what somebody wants to read, and not that it could not be removed either.
            _ = _directory.Remove(_temporaryZ, isDirectory: false);
            _temporaryZ = null;
        }

        if (_ownsDirectory)
        {
            _directory.Dispose();
        }
    }

    private static void EndRename(int errno, string target, bool isDurable)
    {
        if (errno != Errno.None)
        {
            throw Errno.Error("rename", errno, target);
        }

        if (isDurable)
        {
            DurableDirectory.Flush(Path.GetDirectoryName(target)!);
        }
    }

    // Most directories are there already: they are made when the work finds that they are not, or are not any more.
    private static void InDirectoryOf(string path, bool isDurable, Func<Exception, bool> isOfRemoval, Action work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (attempt > 1)
                {
                    DurableDirectory.Ensure(Path.GetDirectoryName(path)!, isDurable);
                }

                work();
                return;
            }
            catch (Exception fault) when (attempt < Attempts && isOfRemoval(fault))
            {
                // Again, with the directory; after a few times not at once, as the other one goes on, too.
                Thread.Sleep(attempt / 4);
            }
        }
    }

    // Somebody removes the directory, and our unfinished file with it, or all of it before it is flushed. One that others make and remove
    // while it is made here is said to exist already, or to be no directory.
    private static bool IsOfRemoval(Exception fault) =>
        fault is SystemCallException { Errno: Errno.NotFound or Errno.Exists or Errno.NotDirectory };
}
