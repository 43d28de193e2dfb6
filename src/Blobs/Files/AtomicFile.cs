using Blobs.Errors;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>
/// A file that is written under a temporary name and renamed to its own when it is complete. Unless the caller says
/// otherwise, it is flushed to disk first. Disposing it without a commit removes it. No other class renames files.
/// </summary>
public sealed unsafe class AtomicFile : IDisposable
{
    // Another process may remove the directory that we are about to write into, several times in a row.
    private const int Attempts = 32;
    private const uint UsualMode = 0b110_110_110;

    private readonly DirectoryHandle _directory;
    private readonly bool _ownsDirectory;
    private readonly SafeFileHandle _handle;
    private readonly string _shown;
    private readonly OutputStream _stream;
    private byte[]? _temporaryZ;

    private AtomicFile(DirectoryHandle directory, bool ownsDirectory, byte[] temporaryZ, int handle, string shown)
    {
        _directory = directory;
        _ownsDirectory = ownsDirectory;
        _handle = new SafeFileHandle(handle, ownsHandle: true);
        _shown = shown;
        _temporaryZ = temporaryZ;
        _stream = new OutputStream(_handle, shown, canSeek: true);
    }

    /// <summary>Takes the content; it is seekable.</summary>
    public Stream Stream => _stream;

    /// <summary>Whether the disk begins to take the content while it is written, so that the flush in the end waits less. For large files
    /// that are flushed.</summary>
    public bool FlushesAhead
    {
        get => _stream.FlushesAhead;
        set => _stream.FlushesAhead = value;
    }

    /// <summary>Creates a file whose final name is known.</summary>
    /// <param name="path">The final path.</param>
    /// <param name="names">The naming convention for the temporary file.</param>
    /// <param name="mode">Its mode, exactly; what the process's mask leaves of the usual one when null.</param>
    /// <exception cref="SystemCallException">It cannot be made.</exception>
    public static AtomicFile Create(string path, TemporaryNames names, UnixFileMode? mode) =>
        CreateAt(names.PathFor(path), path, mode);

    /// <summary>Creates a file whose final name is not known yet.</summary>
    /// <param name="temporary">The temporary path.</param>
    /// <param name="shown">The name that errors show.</param>
    /// <param name="mode">Its mode, exactly; what the process's mask leaves of the usual one when null.</param>
    /// <exception cref="SystemCallException">It cannot be made.</exception>
    public static AtomicFile CreateAt(string temporary, string shown, UnixFileMode? mode)
    {
        for (int attempt = 1; ; attempt++)
        {
            int errno = TryCreateLocked(temporary, shown, mode, out AtomicFile? file);
            if (errno == Errno.None)
            {
                return file!;
            }

            if (errno != Errno.Again || attempt == Attempts)
            {
                throw Errno.Error("open", errno, shown);
            }
        }
    }

    /// <summary>Creates a file in an open directory, which the caller keeps unless <paramref name="ownsDirectory"/> is
    /// set.</summary>
    /// <returns>An error number.</returns>
    internal static int TryCreate(
        DirectoryHandle directory, string temporary, string shown, uint mode, out AtomicFile? file, bool ownsDirectory = false)
    {
        byte[] temporaryZ = FilePath.Terminated(temporary);
        int errno = directory.TryCreateFile(temporaryZ, mode, out int handle);
        file = errno == Errno.None ? new AtomicFile(directory, ownsDirectory, temporaryZ, handle, shown) : null;
        return errno;
    }

    /// <summary>Writes a small file, atomically replacing a file of the same name.</summary>
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

    /// <summary>Creates a small file, and the directories above it as needed; false when the file exists. Of several
    /// concurrent callers exactly one succeeds.</summary>
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

    /// <summary>Renames a file that has been flushed, and flushes the directory, so that the name is on disk
    /// too.</summary>
    internal static void Publish(string source, string target, bool isDurable = true)
    {
        int errno;
        fixed (byte* from = FilePath.Terminated(source), to = FilePath.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(Syscalls.CurrentDirectory, from, Syscalls.CurrentDirectory, to, 0));
        }

        EndRename(errno, target, isDurable);
    }

    /// <summary>The same, making the directories above it as they are needed.</summary>
    internal static void PublishDeep(string source, string target, bool isDurable) => InDirectoryOf(
        target,
        isDurable,
        fault => fault is SystemCallException { Errno: Errno.NotFound or Errno.NotDirectory } && FilePath.IsFile(source),
        () => Publish(source, target, isDurable));

    /// <summary>Renames a file within an open directory, replacing the target.</summary>
    /// <returns>An error number.</returns>
    internal static int Rename(DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> newNameZ)
    {
        fixed (byte* name = nameZ, newName = newNameZ)
        {
            return Errno.Of(Syscalls.RenameAt2(directory.Handle, name, directory.Handle, newName, 0));
        }
    }

    /// <summary>Flushes the content to disk, ahead of the commit: for one that is then not durable itself.</summary>
    /// <exception cref="SystemCallException">The disk did not take it.</exception>
    public void FlushToDisk() => FileHandle.FlushToDisk(_handle, _shown);

    /// <summary>Completes the file: renames it to <paramref name="target"/>, anywhere on the same file
    /// system.</summary>
    /// <exception cref="SystemCallException">The disk did not take it; what was there before stays.</exception>
    public void Commit(string target, bool isDurable = true)
    {
        if (isDurable)
        {
            FileHandle.FlushToDisk(_handle, target);
        }

        int errno;
        fixed (byte* from = _temporaryZ, to = FilePath.Terminated(target))
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

    /// <summary>As <see cref="Commit(string, bool)"/>, but never replaces a file: false when the name is
    /// taken.</summary>
    internal bool TryCommitNew(string target, bool isDurable)
    {
        const uint DoNotReplace = 1;
        if (isDurable)
        {
            FileHandle.FlushToDisk(_handle, target);
        }

        int errno;
        fixed (byte* from = _temporaryZ, to = FilePath.Terminated(target))
        {
            errno = Errno.Of(Syscalls.RenameAt2(_directory.Handle, from, Syscalls.CurrentDirectory, to, DoNotReplace));
            bool isMoved = errno == Errno.None;
            if (errno is Errno.Invalid or Errno.NotImplemented or Errno.NotSupported)
            {
                // The file system cannot rename without replacing: hard-link instead; Dispose removes the temporary
                // name.
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

    /// <summary>As <see cref="Commit(string, bool)"/>, for a name in the directory of the temporary file. A directory
    /// that is writable but not readable cannot be opened for fsync; its name is then not flushed.</summary>
    internal void Commit(ReadOnlySpan<byte> nameZ)
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

    /// <summary>Sets owner and mode as far as the process is allowed to: only root may change owners.</summary>
    internal void TryGiveTo(uint user, uint group, uint mode)
    {
        int handle = (int)_handle.DangerousGetHandle();
        _ = FileHandle.SetOwner(handle, user, group);
        _ = FileHandle.SetMode(handle, mode);
    }

    /// <summary>Closes the file, and removes it if it was not committed.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (_temporaryZ is not null)
        {
            // The caller needs to see the first error, not that the removal failed too.
            _ = _directory.Remove(_temporaryZ, isDirectory: false);
            _temporaryZ = null;
        }

        if (_ownsDirectory)
        {
            _directory.Dispose();
        }
    }

    // A sweep leaves locked files alone. One that sees the file before it is locked removes it: Errno.Again.
    private static int TryCreateLocked(string temporary, string shown, UnixFileMode? mode, out AtomicFile? file)
    {
        file = null;
        byte[] folderZ = FilePath.Terminated(Path.GetDirectoryName(temporary)!);
        int errno = DirectoryCalls.TryOpen(null, folderZ, out DirectoryHandle? directory);
        if (errno == Errno.None)
        {
            errno = TryCreate(directory!, Path.GetFileName(temporary), shown, (uint?)mode ?? UsualMode, out file, ownsDirectory: true);
        }

        int handle = (int)(file?._handle.DangerousGetHandle() ?? -1);
        if (errno == Errno.None && mode is { } exact)
        {
            errno = FileHandle.SetMode(handle, (uint)exact);
        }

        if (errno == Errno.None)
        {
            // Waits for a sweep that has the file: were the name used again before it removes the name, the next file would go.
            FileLock.Share(handle);
            errno = FileStatus.TryGet(temporary, out _) == Errno.NotFound ? Errno.Again : Errno.None;
        }

        if (errno != Errno.None)
        {
            file?.Dispose();
            directory?.Dispose();
        }

        return errno;
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

    // Most directories exist, so the work is tried first, and they are created only when it fails.
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
                // Try again with the directory in place. Wait longer each time, because the other process may still be
                // removing.
                Thread.Sleep(attempt / 4);
            }
        }
    }

    // Another process removed the directory, with or without our temporary file. When others create and remove it while
    // we create it, the kernel may also report that it exists, or that it is not a directory.
    private static bool IsOfRemoval(Exception fault) =>
        fault is SystemCallException { Errno: Errno.NotFound or Errno.Exists or Errno.NotDirectory };
}
