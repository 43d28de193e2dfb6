using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Blobs.Files.Internal;

/// <summary>
/// System calls relative to an open directory. Names end in NUL and are one component. Methods return an error number, 0 for success:
/// which of them matter is for the caller to say.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class DirectoryCalls
{
    private const int RemoveDirectoryAt = 0x200;
    private const nint OpenAt2Number = 437;

    // openat2(2): absolute links and `..` stay below the starting directory; /proc's magic links are refused.
    private const ulong ResolveInRoot = 0x10;
    private const ulong ResolveNoMagicLinks = 0x02;

    /// <summary>Opens a directory at any depth below; links on the way are followed, but never out of this directory.</summary>
    public static int TryOpenInside(this DirectoryHandle directory, ReadOnlySpan<byte> pathZ, out DirectoryHandle? opened)
    {
        int errno = OpenInside(directory, pathZ, OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, out int handle);
        opened = errno == Errno.None ? new DirectoryHandle(handle) : null;
        return errno;
    }

    /// <summary>Opens a child directory for listing; a symbolic link is refused.</summary>
    public static int TryOpenChild(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, out DirectoryHandle? opened)
    {
        fixed (byte* name = nameZ)
        {
            int handle = Syscalls.OpenAt(
                directory.Handle, name, OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
            opened = handle >= 0 ? new DirectoryHandle(handle) : null;
            return Errno.Of(handle);
        }
    }

    /// <summary>Creates a new file, open for writing; fails when the name is taken.</summary>
    public static int TryCreateFile(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, uint mode, out int handle)
    {
        int flags = OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Write | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        fixed (byte* name = nameZ)
        {
            handle = Syscalls.OpenAt(directory.Handle, name, flags, mode);
            return Errno.Of(handle);
        }
    }

    /// <summary>Opens an existing file for writing, with these additional flags.</summary>
    internal static int TryOpenForWriting(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, int flags, out int handle)
    {
        fixed (byte* name = nameZ)
        {
            handle = Syscalls.OpenAt(directory.Handle, name, OpenFlags.Write | OpenFlags.NoTerminal | OpenFlags.CloseOnExec | flags, 0);
            return Errno.Of(handle);
        }
    }

    /// <summary>Opens a file for reading; a symbolic link is refused, and opening a device or pipe does not
    /// block.</summary>
    public static int TryOpenFile(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, out int handle)
    {
        int flags = OpenFlags.NoFollow | OpenFlags.CloseOnExec | OpenFlags.NonBlocking;
        fixed (byte* name = nameZ)
        {
            // Reading should not change access times; only the owner may ask for O_NOATIME.
            handle = Syscalls.OpenAt(directory.Handle, name, flags | OpenFlags.NoAccessTime, 0);
            if (handle < 0 && Errno.Of(handle) == Errno.NotPermitted)
            {
                handle = Syscalls.OpenAt(directory.Handle, name, flags, 0);
            }

            return Errno.Of(handle);
        }
    }

    /// <summary>Makes a directory (mkdirat(2)).</summary>
    public static int MakeDirectory(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, uint mode)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.MakeDirectoryAt(directory.Handle, name, mode));
        }
    }

    /// <summary>Makes a device or pipe; <paramref name="mode"/> has the type bits.</summary>
    public static int MakeNode(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, uint mode, uint major, uint minor)
    {
        // makedev(3).
        ulong device = (minor & 0xffUL) | ((major & 0xfffUL) << 8) | ((minor & ~0xffUL) << 12) | ((major & ~0xfffUL) << 32);
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.MakeNodeAt(directory.Handle, name, mode, device));
        }
    }

    /// <summary>Makes a symbolic link (symlinkat(2)).</summary>
    public static int MakeSymlink(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> targetZ)
    {
        fixed (byte* name = nameZ, target = targetZ)
        {
            return Errno.Of(Syscalls.SymlinkAt(target, directory.Handle, name));
        }
    }

    /// <summary>Hard-links a file of <paramref name="source"/> here (linkat(2)); a symbolic link is linked itself, not
    /// its target.</summary>
    public static int MakeLink(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, DirectoryHandle source, ReadOnlySpan<byte> sourceZ)
    {
        fixed (byte* name = nameZ, sourceName = sourceZ)
        {
            return Errno.Of(Syscalls.LinkAt(source.Handle, sourceName, directory.Handle, name, 0));
        }
    }

    /// <summary>Removes a name (unlinkat(2)).</summary>
    public static int Remove(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, bool isDirectory)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.UnlinkAt(directory.Handle, name, isDirectory ? RemoveDirectoryAt : 0));
        }
    }

    /// <summary>Status of an entry, of a symbolic link itself; of this directory when the name is empty.</summary>
    public static int TryGetStatus(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, out FileStatus status) =>
        FileStatus.TryGet(directory.Handle, nameZ, Syscalls.NoFollowAt | Syscalls.EmptyPathAt, out status);

    /// <summary>Sets the owner of an entry, of a symbolic link itself (fchownat(2)).</summary>
    public static int SetOwner(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, uint user, uint group)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.SetOwnerAt(directory.Handle, name, user, group, Syscalls.NoFollowAt));
        }
    }

    /// <summary>Sets permission bits; the kernel refuses this for a symbolic link.</summary>
    public static int SetMode(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, uint mode)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.SetModeAt(directory.Handle, name, mode, Syscalls.NoFollowAt));
        }
    }

    /// <summary>Sets the times of an entry, of a symbolic link itself (utimensat(2)).</summary>
    internal static int SetTimes(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ, FileTimes times)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.SetTimesAt(directory.Handle, name, &times, Syscalls.NoFollowAt));
        }
    }

    /// <summary>The target of a symbolic link (readlinkat(2)); null when there is none.</summary>
    public static byte[] ReadLink(this DirectoryHandle directory, ReadOnlySpan<byte> nameZ)
    {
        const int TargetBytesMax = 4096;
        Span<byte> buffer = stackalloc byte[TargetBytesMax];
        fixed (byte* name = nameZ, target = buffer)
        {
            nint length = Syscalls.ReadLinkAt(directory.Handle, name, target, buffer.Length);
            return length >= 0 ? buffer[..(int)length].ToArray() : throw Errno.Error("readlink", Errno.Of(length), nameZ);
        }
    }

    /// <summary>Names in this directory, each ending in NUL, without <c>.</c> and <c>..</c>.</summary>
    public static List<byte[]> List(this DirectoryHandle directory) => [.. directory.ListEntries().Select(entry => entry.NameZ)];

    /// <summary>As <see cref="List"/>, with the inode number and type from the directory entry; the type is 0 on file
    /// systems that do not report it.</summary>
    public static List<(byte[] NameZ, ulong Inode, uint Type)> ListEntries(this DirectoryHandle directory)
    {
        // fdopendir(3) takes over the handle and its position, so it gets a handle of its own.
        int errno = directory.TryOpenChild(".\0"u8, out DirectoryHandle? copy);
        if (errno != Errno.None)
        {
            throw Errno.Error("open", errno, directory.Name);
        }

        var entries = new List<(byte[] NameZ, ulong Inode, uint Type)>();
        nint listing = Syscalls.OpenListing(copy!.Handle);
        if (listing == 0)
        {
            errno = Marshal.GetLastPInvokeError();
            copy.Dispose();
            throw Errno.Error("fdopendir", errno, directory.Name);
        }

        try
        {
            for (byte* entry = Syscalls.NextListed(listing); entry is not null; entry = Syscalls.NextListed(listing))
            {
                // struct dirent64: inode, offset, length of the record, type, name.
                const int TypeOffset = 18;
                const int NameOffset = 19;
                const int TypeShift = 12;
                ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(
                    entry + NameOffset);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                {
                    entries.Add(([.. name, 0], Unsafe.ReadUnaligned<ulong>(entry), (uint)entry[TypeOffset] << TypeShift));
                }
            }

            // readdir(3) returns null at the end and on failure; only errno tells the two apart.
            errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.None)
            {
                throw Errno.Error("readdir", errno, directory.Name);
            }
        }
        finally
        {
            _ = Syscalls.CloseListing(listing);
        }

        return entries;
    }

    /// <summary>Opens a directory by a path relative to another one, or to the working directory; the path may contain
    /// symbolic links. The directory need not be readable, and the handle cannot be used to list it.</summary>
    internal static int TryOpen(DirectoryHandle? from, ReadOnlySpan<byte> pathZ, out DirectoryHandle? opened)
    {
        fixed (byte* path = pathZ)
        {
            int handle = Syscalls.OpenAt(
                from?.Handle ?? Syscalls.CurrentDirectory, path, OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            opened = handle >= 0 ? new DirectoryHandle(handle) : null;
            return Errno.Of(handle);
        }
    }

    private static int OpenInside(DirectoryHandle directory, ReadOnlySpan<byte> pathZ, int flags, out int handle)
    {
        var how = new Syscalls.OpenHow { Flags = (ulong)flags, Resolve = ResolveInRoot | ResolveNoMagicLinks };
        int errno;
        fixed (byte* path = pathZ)
        {
            do
            {
                handle = (int)Syscalls.OpenAt2(OpenAt2Number, directory.Handle, path, &how, sizeof(Syscalls.OpenHow));
                errno = Errno.Of(handle);
            }
            while (errno is Errno.Again or Errno.Interrupted);
        }

        return errno != Errno.NotImplemented
            ? errno
            : throw Errno.Error("openat2", errno, "opening paths inside a root needs Linux 5.6 or later");
    }
}
