using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Blobs.Files.Internal;

/// <summary>struct statx (statx(2)), which is laid out alike on every architecture.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[StructLayout(LayoutKind.Explicit, Size = 256)]
public unsafe struct FileStatus
{
    /// <summary>Flags such as immutable (STATX_ATTR_*).</summary>
    [FieldOffset(8)]
    public ulong Attributes;

    /// <summary>Number of hard links.</summary>
    [FieldOffset(16)]
    public uint LinkCount;

    /// <summary>The owner.</summary>
    [FieldOffset(20)]
    public uint User;

    /// <summary>The group.</summary>
    [FieldOffset(24)]
    public uint Group;

    /// <summary>Type and permissions.</summary>
    [FieldOffset(28)]
    public ushort Mode;

    /// <summary>Number of the inode.</summary>
    [FieldOffset(32)]
    public ulong Inode;

    /// <summary>Bytes of content.</summary>
    [FieldOffset(40)]
    public long Length;

    /// <summary>Last access: seconds since 1970.</summary>
    [FieldOffset(64)]
    public long AccessSeconds;

    /// <summary>Last access: nanoseconds of that second.</summary>
    [FieldOffset(72)]
    public uint AccessNanoseconds;

    /// <summary>Last change of the inode: seconds since 1970.</summary>
    [FieldOffset(96)]
    public long ChangedSeconds;

    /// <summary>Last change of the inode: nanoseconds of that second.</summary>
    [FieldOffset(104)]
    public uint ChangedNanoseconds;

    /// <summary>Last modification: seconds since 1970.</summary>
    [FieldOffset(112)]
    public long ModifiedSeconds;

    /// <summary>Last modification: nanoseconds of that second.</summary>
    [FieldOffset(120)]
    public uint ModifiedNanoseconds;

    /// <summary>Major number, when it is a device.</summary>
    [FieldOffset(128)]
    public uint DeviceMajor;

    /// <summary>Minor number, when it is a device.</summary>
    [FieldOffset(132)]
    public uint DeviceMinor;

    /// <summary>Major device number of its file system.</summary>
    [FieldOffset(136)]
    public uint HostMajor;

    /// <summary>Minor device number of its file system.</summary>
    [FieldOffset(140)]
    public uint HostMinor;

    private const int TypeMask = 0xf000;
    private const ulong MountRoot = 0x2000;

    /// <summary>Whether it is a directory.</summary>
    public readonly bool IsDirectory => (Mode & TypeMask) == FileType.Directory;

    /// <summary>Whether it is a regular file.</summary>
    public readonly bool IsRegular => (Mode & TypeMask) == FileType.Regular;

    /// <summary>Whether it is a symbolic link.</summary>
    public readonly bool IsSymlink => (Mode & TypeMask) == FileType.Symlink;

    /// <summary>Whether it is a character device.</summary>
    public readonly bool IsCharacterDevice => (Mode & TypeMask) == FileType.CharacterDevice;

    /// <summary>Whether it is a socket.</summary>
    public readonly bool IsSocket => (Mode & TypeMask) == FileType.Socket;

    /// <summary>Whether something is mounted on it, where the kernel says so (5.8 and later).</summary>
    public readonly bool IsMountPoint => (Attributes & MountRoot) != 0;

    /// <summary>Whether it is an overlayfs whiteout: a character device 0/0.</summary>
    public readonly bool IsWhiteout => IsCharacterDevice && DeviceMajor == 0 && DeviceMinor == 0;

    /// <summary>The type bits of its mode: one of <see cref="FileType"/>.</summary>
    public readonly uint Type => (uint)(Mode & TypeMask);

    /// <summary>Its mode without the type.</summary>
    public readonly uint Permissions => (uint)(Mode & 0xfff);

    /// <summary>Whether an open file is the one that a path names.</summary>
    internal static bool IsSameFile(int handle, string path) =>
        TryGet(handle, out FileStatus opened) == Errno.None
        && TryGet(path, out FileStatus named) == Errno.None
        && (opened.Inode, opened.HostMajor, opened.HostMinor) == (named.Inode, named.HostMajor, named.HostMinor);

    /// <summary>Status of a path, symbolic links followed; returns an error number.</summary>
    public static int TryGet(string path, out FileStatus status)
    {
        var pathZ = new KernelPath(path, stackalloc byte[KernelPath.StackBytes]);
        int errno = TryGet(Syscalls.CurrentDirectory, pathZ.BytesZ, 0, out status);
        pathZ.Dispose();
        return errno;
    }

    /// <summary>Status of an open file; returns an error number.</summary>
    public static int TryGet(int handle, out FileStatus status) => TryGet(handle, "\0"u8, Syscalls.EmptyPathAt, out status);

    /// <summary>Status of an entry in a directory; returns an error number.</summary>
    public static int TryGet(int directory, ReadOnlySpan<byte> nameZ, int flags, out FileStatus status)
    {
        const uint BasicStats = 0x7ff;
        fixed (byte* name = nameZ)
        fixed (FileStatus* target = &status)
        {
            return Errno.Of(Syscalls.StatX(directory, name, flags, BasicStats, target));
        }
    }
}
