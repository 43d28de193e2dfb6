using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>
/// An open directory. What is done relative to it cannot be led astray by whoever renames something above. Names end in NUL and
/// are one component. Methods return an error number, 0 for success: which of them matter is for the caller to say.
/// </summary>
public sealed unsafe class DirectoryHandle : IDisposable
{
    private const int RemoveDirectoryAt = 0x200;
    private const nint OpenAt2Number = 437;

    // openat2(2): absolute links and `..` stay below the starting directory; /proc's magic links are refused.
    private const ulong ResolveInRoot = 0x10;
    private const ulong ResolveNoMagicLinks = 0x02;

    private DirectoryHandle(int handle) => Handle = handle;

    /// <summary>The descriptor.</summary>
    public int Handle { get; private set; }

    /// <summary>Opens a directory by a path of ours, which may go through links.</summary>
    /// <exception cref="SystemCallException">It is not there, or not a directory.</exception>
    public static DirectoryHandle Open(string path)
    {
        fixed (byte* name = Terminated(path))
        {
            int handle = Syscalls.OpenAt(Syscalls.CurrentDirectory, name, OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            return handle >= 0 ? new DirectoryHandle(handle) : throw Errno.Error("open", Errno.Of(handle), path);
        }
    }

    /// <summary>Opens a directory by a path that counts from another one, or from the working directory, and may go through links. It need
    /// not be readable; nor can it then be listed.</summary>
    public static int TryOpen(DirectoryHandle? from, ReadOnlySpan<byte> pathZ, out DirectoryHandle? opened)
    {
        fixed (byte* path = pathZ)
        {
            int handle = Syscalls.OpenAt(
                from?.Handle ?? Syscalls.CurrentDirectory, path, OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            opened = handle >= 0 ? new DirectoryHandle(handle) : null;
            return Errno.Of(handle);
        }
    }

    /// <summary>The path of a directory without links in it; as it is when nothing is there.</summary>
    public static string RealPath(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        using DirectoryHandle directory = Open(path);
        return File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Handle}"), false)!.FullName;
    }

    /// <summary>Opens a directory at any depth below; links on the way are followed, but never out of this directory.</summary>
    public int TryOpenInside(ReadOnlySpan<byte> pathZ, out DirectoryHandle? opened)
    {
        int errno = OpenInside(pathZ, OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec, out int handle);
        opened = errno == Errno.None ? new DirectoryHandle(handle) : null;
        return errno;
    }

    /// <summary>Opens the directory itself below, for listing; a link is refused.</summary>
    public int TryOpenChild(ReadOnlySpan<byte> nameZ, out DirectoryHandle? opened)
    {
        fixed (byte* name = nameZ)
        {
            int handle = Syscalls.OpenAt(
                Handle, name, OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
            opened = handle >= 0 ? new DirectoryHandle(handle) : null;
            return Errno.Of(handle);
        }
    }

    /// <summary>Makes a file that was not there, open for writing.</summary>
    public int TryCreateFile(ReadOnlySpan<byte> nameZ, uint mode, out int handle)
    {
        int flags = OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Write | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        fixed (byte* name = nameZ)
        {
            handle = Syscalls.OpenAt(Handle, name, flags, mode);
            return Errno.Of(handle);
        }
    }

    /// <summary>Opens something that is there for writing, of the flags only what is asked for.</summary>
    public int TryOpenForWriting(ReadOnlySpan<byte> nameZ, int flags, out int handle)
    {
        fixed (byte* name = nameZ)
        {
            handle = Syscalls.OpenAt(Handle, name, OpenFlags.Write | OpenFlags.NoTerminal | OpenFlags.CloseOnExec | flags, 0);
            return Errno.Of(handle);
        }
    }

    /// <summary>Opens a file for reading; a link is refused, and a device or pipe does not block.</summary>
    public int TryOpenFile(ReadOnlySpan<byte> nameZ, out int handle)
    {
        int flags = OpenFlags.NoFollow | OpenFlags.CloseOnExec | OpenFlags.NonBlocking;
        fixed (byte* name = nameZ)
        {
            // Reading a store should not touch it; only owners may ask for that.
            handle = Syscalls.OpenAt(Handle, name, flags | OpenFlags.NoAccessTime, 0);
            if (handle < 0 && Errno.Of(handle) == Errno.NotPermitted)
            {
                handle = Syscalls.OpenAt(Handle, name, flags, 0);
            }

            return Errno.Of(handle);
        }
    }

    /// <summary>Makes a directory (mkdirat(2)).</summary>
    public int MakeDirectory(ReadOnlySpan<byte> nameZ, uint mode)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.MakeDirectoryAt(Handle, name, mode));
        }
    }

    /// <summary>Makes a device or pipe; <paramref name="mode"/> has the type bits.</summary>
    public int MakeNode(ReadOnlySpan<byte> nameZ, uint mode, uint major, uint minor)
    {
        // makedev(3).
        ulong device = (minor & 0xffUL) | ((major & 0xfffUL) << 8) | ((minor & ~0xffUL) << 12) | ((major & ~0xfffUL) << 32);
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.MakeNodeAt(Handle, name, mode, device));
        }
    }

    /// <summary>Makes a symbolic link (symlinkat(2)).</summary>
    public int MakeSymlink(ReadOnlySpan<byte> nameZ, ReadOnlySpan<byte> targetZ)
    {
        fixed (byte* name = nameZ, target = targetZ)
        {
            return Errno.Of(Syscalls.SymlinkAt(target, Handle, name));
        }
    }

    /// <summary>Gives what stands in <paramref name="source"/> another name here; a link itself, not what it points at.</summary>
    public int MakeLink(ReadOnlySpan<byte> nameZ, DirectoryHandle source, ReadOnlySpan<byte> sourceZ)
    {
        fixed (byte* name = nameZ, sourceName = sourceZ)
        {
            return Errno.Of(Syscalls.LinkAt(source.Handle, sourceName, Handle, name, 0));
        }
    }

    /// <summary>Removes a name (unlinkat(2)).</summary>
    public int Remove(ReadOnlySpan<byte> nameZ, bool isDirectory)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.UnlinkAt(Handle, name, isDirectory ? RemoveDirectoryAt : 0));
        }
    }

    /// <summary>Looks at what has that name, a link itself; at this directory when the name is empty.</summary>
    public int TryGetStatus(ReadOnlySpan<byte> nameZ, out FileStatus status) =>
        FileStatus.TryGet(Handle, nameZ, Syscalls.NoFollowAt | Syscalls.EmptyPathAt, out status);

    /// <summary>Sets the owner of a name itself, not of what it links to (fchownat(2)).</summary>
    public int SetOwner(ReadOnlySpan<byte> nameZ, uint user, uint group)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.SetOwnerAt(Handle, name, user, group, Syscalls.NoFollowAt));
        }
    }

    /// <summary>Sets permission bits of something that is no link; of a link they are refused.</summary>
    public int SetMode(ReadOnlySpan<byte> nameZ, uint mode)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.SetModeAt(Handle, name, mode, Syscalls.NoFollowAt));
        }
    }

    /// <summary>Sets the times of a name itself, not of what it links to (utimensat(2)).</summary>
    public int SetTimes(ReadOnlySpan<byte> nameZ, FileTimes times)
    {
        fixed (byte* name = nameZ)
        {
            return Errno.Of(Syscalls.SetTimesAt(Handle, name, &times, Syscalls.NoFollowAt));
        }
    }

    /// <summary>The target of a symbolic link (readlinkat(2)); null when there is none.</summary>
    public byte[] ReadLink(ReadOnlySpan<byte> nameZ)
    {
        const int TargetBytesMax = 4096;
        Span<byte> buffer = stackalloc byte[TargetBytesMax];
        fixed (byte* name = nameZ, target = buffer)
        {
            nint length = Syscalls.ReadLinkAt(Handle, name, target, buffer.Length);
            return length >= 0 ? buffer[..(int)length].ToArray() : throw Errno.Error("readlink", Errno.Of(length), nameZ);
        }
    }

    /// <summary>Names in this directory, each ending in NUL, without the two dots.</summary>
    public List<byte[]> List() => [.. ListEntries().Select(entry => entry.NameZ)];

    /// <summary>The same with what a directory knows of them without looking: inode numbers and types, the latter 0 on file systems that do
    /// not say.</summary>
    public List<(byte[] NameZ, ulong Inode, uint Type)> ListEntries()
    {
        // The listing owns the handle it is given and shares its position with it: it gets one of its own.
        int errno = TryOpenChild(".\0"u8, out DirectoryHandle? copy);
        if (errno != Errno.None)
        {
            throw Errno.Error("open", errno, Name);
        }

        var entries = new List<(byte[] NameZ, ulong Inode, uint Type)>();
        nint listing = Syscalls.OpenListing(copy!.Handle);
        if (listing == 0)
        {
            errno = Marshal.GetLastPInvokeError();
            copy.Dispose();
            throw Errno.Error("fdopendir", errno, Name);
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

            // The end and a failure look alike, but for the number: a list cut short would be taken for the whole.
            errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.None)
            {
                throw Errno.Error("readdir", errno, Name);
            }
        }
        finally
        {
            _ = Syscalls.CloseListing(listing);
        }

        return entries;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Handle >= 0)
        {
            _ = Syscalls.Close(Handle);
            Handle = -1;
        }
    }

    /// <summary>UTF-8 with a NUL behind it.</summary>
    public static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    /// <summary>Where it is, by a path without links.</summary>
    internal string Name =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{Handle}")).LinkTarget ?? ".";

    private int OpenInside(ReadOnlySpan<byte> pathZ, int flags, out int handle)
    {
        var how = new Syscalls.OpenHow { Flags = (ulong)flags, Resolve = ResolveInRoot | ResolveNoMagicLinks };
        int errno;
        fixed (byte* path = pathZ)
        {
            do
            {
                handle = (int)Syscalls.OpenAt2(OpenAt2Number, Handle, path, &how, sizeof(Syscalls.OpenHow));
                errno = Errno.Of(handle);
            }
            while (errno is Errno.Again or Errno.Interrupted);
        }

        return errno != Errno.NotImplemented
            ? errno
            : throw Errno.Error("openat2", errno, "containment needs Linux 5.6 or later");
    }
}
