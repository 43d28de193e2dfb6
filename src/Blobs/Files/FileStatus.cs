using System.Runtime.InteropServices;

namespace Blobs.Files;

/// <summary>struct statx (statx(2)), which is laid out alike on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(8)]
    public ulong Attributes;

    [FieldOffset(16)]
    public uint LinkCount;

    [FieldOffset(20)]
    public uint User;

    [FieldOffset(24)]
    public uint Group;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public long Length;

    [FieldOffset(64)]
    public long AccessSeconds;

    [FieldOffset(72)]
    public uint AccessNanoseconds;

    [FieldOffset(96)]
    public long ChangedSeconds;

    [FieldOffset(104)]
    public uint ChangedNanoseconds;

    [FieldOffset(112)]
    public long ModifiedSeconds;

    [FieldOffset(120)]
    public uint ModifiedNanoseconds;

    [FieldOffset(128)]
    public uint DeviceMajor;

    [FieldOffset(132)]
    public uint DeviceMinor;

    /// <summary>Of the file system that it stands on.</summary>
    [FieldOffset(136)]
    public uint HostMajor;

    [FieldOffset(140)]
    public uint HostMinor;

    private const int TypeMask = 0xf000;
    private const ulong MountRoot = 0x2000;

    public readonly bool IsDirectory => (Mode & TypeMask) == FileType.Directory;

    public readonly bool IsRegular => (Mode & TypeMask) == FileType.Regular;

    public readonly bool IsSymlink => (Mode & TypeMask) == FileType.Symlink;

    public readonly bool IsCharacterDevice => (Mode & TypeMask) == FileType.CharacterDevice;

    public readonly bool IsSocket => (Mode & TypeMask) == FileType.Socket;

    /// <summary>Whether something is mounted on it, where the kernel says so (5.8 and later).</summary>
    public readonly bool IsMountPoint => (Attributes & MountRoot) != 0;

    /// <summary>overlayfs's mark that a name is gone: a character device 0/0.</summary>
    public readonly bool IsWhiteout => IsCharacterDevice && DeviceMajor == 0 && DeviceMinor == 0;

    public readonly uint Type => (uint)(Mode & TypeMask);

    public readonly uint Permissions => (uint)(Mode & 0xfff);
}
