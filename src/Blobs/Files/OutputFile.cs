using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>
/// An output by the name that a user gives. <c>-</c> is standard output; a symbolic link is followed, not replaced. A
/// regular file, new or existing, is replaced atomically and flushed to disk by <see cref="Commit"/>; until then the
/// old content stays. Everything else (a device, a pipe, a descriptor such as <c>/dev/stdout</c>) is written directly.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class OutputFile : IAsyncDisposable
{
    /// <summary>The name that stands for standard output.</summary>
    public const string StandardOutput = "-";

    private const string HowToWriteInto = "; to write into the file that is there, use - and a redirection";
    private const uint PermissionMask = 0b111_111_111;
    private const uint NewFileMode = 0b110_110_110;

    private readonly OutputName _name;
    private readonly SafeFileHandle? _handle;
    private readonly AtomicFile? _file;

    private OutputFile(OutputName name, SafeFileHandle handle)
    {
        _name = name;
        _handle = handle;
        Stream = new OutputStream(handle, name.Shown, canSeek: false);
        PipeCapacity.TryEnlarge(handle);
    }

    private OutputFile(OutputName name, AtomicFile file)
    {
        _name = name;
        _file = file;
        Stream = file.Stream;
    }

    /// <summary>Takes the content. It is seekable when the output is a regular file.</summary>
    public Stream Stream { get; }

    /// <summary>Opens an output. Opening a named pipe waits until a reader opens it.</summary>
    /// <param name="name">What the user typed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">It is a terminal, and the data is binary.</exception>
    /// <exception cref="SystemCallException">It is a directory, or cannot be written.</exception>
    public static async Task<OutputFile> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNotEqual(name.IndexOf('\0', StringComparison.Ordinal), -1, nameof(name));
        OutputName resolved = OutputName.Resolve(name);
        try
        {
            if (resolved.Descriptor is { } descriptor)
            {
                return new OutputFile(resolved, RefuseTerminal(Duplicate(descriptor, resolved.Shown), name));
            }

            if (!resolved.IsOthersDescriptor && (resolved.Status is null || resolved.Status.Value.IsRegular))
            {
                return Create(resolved);
            }

            // The kernel opens a pipe when its reader comes, and nothing interrupts it until then.
            Task<SafeFileHandle> opening = Task.Run(() => OpenExisting(resolved), CancellationToken.None);
            SafeFileHandle handle = await WaitAsync(opening, resolved, cancellationToken).ConfigureAwait(false);
            return new OutputFile(resolved, RefuseTerminal(handle, name));
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            resolved.Dispose();
            throw;
        }
    }

    /// <summary>Whether the name stands for standard output: <c>-</c>, <c>/dev/stdout</c>, or a link to it.</summary>
    public static bool IsStandardOutput(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            using OutputName resolved = OutputName.Resolve(name);
            return resolved.Descriptor == 1;
        }
        catch (BlobsException)
        {
            // Opening it reports why it cannot be written.
            return false;
        }
    }

    /// <summary>Completes the output: flushes it to disk and gives a file its name.</summary>
    /// <exception cref="SystemCallException">The disk did not take it; what was there before stays.</exception>
    public void Commit()
    {
        if (_name.Descriptor is not null)
        {
            return;
        }

        if (_handle is not null)
        {
            FileHandle.FlushToDisk(_handle, _name.Shown);
        }

        _file?.Commit(_name.NameZ);
    }

    /// <summary>Closes it. A file that was not committed is as it was before.</summary>
    public ValueTask DisposeAsync()
    {
        _handle?.Dispose();
        _file?.Dispose();
        _name.Dispose();
        return ValueTask.CompletedTask;
    }

    // After a cancelled wait, the pipe must not stay open for a reader that comes later.
    private static async Task<SafeFileHandle> WaitAsync(
        Task<SafeFileHandle> opening, OutputName name, CancellationToken cancellationToken)
    {
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = CloseAsync(opening, name);
            throw;
        }
    }

    // The pending open is relative to the directory, which stays open until it returns.
    private static async Task CloseAsync(Task<SafeFileHandle> opening, OutputName name)
    {
        using (name)
        {
            try
            {
                (await opening.ConfigureAwait(false)).Dispose();
            }
            catch (SystemCallException)
            {
                // Nobody waits for it any more.
            }
        }
    }

    // Duplicates the descriptor, so that closing ours leaves the original open.
    private static SafeFileHandle Duplicate(int descriptor, string shown)
    {
        const int GetFlags = 3;
        const int DuplicateCloseOnExec = 1030;
        const int AccessMask = 3;
        int flags = Syscalls.Control(descriptor, GetFlags, 0);
        int errno = Errno.Of(flags);
        int handle = -1;
        if (errno == Errno.None && (flags & AccessMask) == 0)
        {
            errno = Errno.BadDescriptor;
        }

        if (errno == Errno.None)
        {
            handle = Syscalls.Control(descriptor, DuplicateCloseOnExec, 0);
            errno = Errno.Of(handle);
        }

        return errno switch
        {
            Errno.None => new SafeFileHandle(handle, ownsHandle: true),
            Errno.BadDescriptor => throw new SystemCallException("dup", errno, shown, $"{shown}: is not open for writing"),
            _ => throw Errno.Error("dup", errno, shown),
        };
    }

    private static SafeFileHandle OpenExisting(OutputName name)
    {
        int flags = name.IsOthersDescriptor ? OpenFlags.Truncate : OpenFlags.NoFollow;
        int errno = name.Directory!.TryOpenForWriting(name.NameZ, flags, out int handle);
        return errno == Errno.None ? new SafeFileHandle(handle, ownsHandle: true) : throw Errno.Error("open", errno, name.Shown);
    }

    private static OutputFile Create(OutputName name)
    {
        CheckReplaceable(name);
        uint mode = name.Status?.Permissions & PermissionMask ?? NewFileMode;
        int errno = AtomicFile.TryCreate(
            name.Directory!, TemporaryNames.Hidden.NameFor(""), name.Shown, mode, out AtomicFile? file);
        if (errno != Errno.None)
        {
            throw new SystemCallException(
                "open",
                errno,
                name.Shown,
                $"{name.Shown}: cannot be {(name.Status is null ? "created" : "replaced")}, as its directory takes no new file: "
                    + $"{Errno.Describe(errno)}{(name.Status is null ? "" : HowToWriteInto)}");
        }

        if (name.Status is { } old)
        {
            file!.TryGiveTo(old.User, old.Group, mode);
        }

        return new OutputFile(name, file!);
    }

    // A rename would replace a read-only file, and fail on a mount point. Both are refused before the work begins.
    private static void CheckReplaceable(OutputName name)
    {
        if (name.Status is not { } status)
        {
            return;
        }

        int errno = name.Directory!.TryOpenForWriting(name.NameZ, OpenFlags.NoFollow | OpenFlags.NonBlocking, out int handle);
        if (errno != Errno.None)
        {
            throw Errno.Error("open", errno, name.Shown);
        }

        FileHandle.Close(handle);
        if (status.IsMountPoint)
        {
            throw new StoreException(name.Shown, $"{name.Shown}: cannot be replaced, because it is a mount point{HowToWriteInto}");
        }
    }

    private static SafeFileHandle RefuseTerminal(SafeFileHandle handle, string name)
    {
        if (Syscalls.IsTerminal((int)handle.DangerousGetHandle()) == 0)
        {
            return handle;
        }

        handle.Dispose();
        string what = name == StandardOutput ? "standard output is a terminal" : $"{name}: is a terminal";
        throw new StoreException(name, $"{what}, and the data is binary: name a file, or redirect it");
    }
}
