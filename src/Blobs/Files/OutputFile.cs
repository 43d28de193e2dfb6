using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>
/// Where bytes go, by the name that a user gives. <c>-</c> is standard output; a link is followed and stays. A regular file, or one that is
/// not there yet, appears whole and on disk at <see cref="Commit"/>, and until then what was there stays. Everything else (a device, a
/// pipe, a descriptor of a process such as <c>/dev/stdout</c>) is written into.
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

    /// <summary>Takes the bytes. It can be sought in while what is written is still out of sight.</summary>
    public Stream Stream { get; }

    /// <summary>Opens an output. A named pipe is waited for until somebody reads from it.</summary>
    /// <param name="name">What the user typed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreException">It is a terminal, and the bytes are no text.</exception>
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
            // Opening it says why it cannot be written.
            return false;
        }
    }

    /// <summary>Says that everything was written: it is on disk, and a file has its name.</summary>
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

    // Who gives up waiting must not leave the pipe open for a reader that comes later.
    private static async Task<SafeFileHandle> WaitAsync(
        Task<SafeFileHandle> opening, OutputName name, CancellationToken cancellationToken)
    {
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = DropAsync(opening, name);
            throw;
        }
    }

    // What waits in the kernel counts from the directory: that stays open as long.
    private static async Task DropAsync(Task<SafeFileHandle> opening, OutputName name)
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

    // A number of its own for the same open file: closing it leaves the other open.
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
                $"{name.Shown}: cannot be {(name.Status is null ? "made" : "replaced")}, as its directory takes no new file: "
                    + $"{Errno.Describe(errno)}{(name.Status is null ? "" : HowToWriteInto)}");
        }

        if (name.Status is { } old)
        {
            file!.TryGiveTo(old.User, old.Group, mode);
        }

        return new OutputFile(name, file!);
    }

    // The name could be taken from a file that may not be written, and cannot be from one that is mounted; both are said before the work.
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
            throw new StoreException(name.Shown, $"{name.Shown}: cannot be replaced, as it is a mount point{HowToWriteInto}");
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
