using System.Runtime.InteropServices;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>
/// System calls, unwrapped: NUL-terminated names, integer handles, -1 and errno for failure. Only this room makes them.
/// Names from archives are arbitrary bytes, which the framework's file classes cannot express.
/// </summary>
internal static unsafe partial class Syscalls
{
    /// <summary>AT_FDCWD: relative paths start from the working directory.</summary>
    public const int CurrentDirectory = -100;

    /// <summary>AT_SYMLINK_NOFOLLOW: examine a symbolic link itself.</summary>
    public const int NoFollowAt = 0x100;

    /// <summary>AT_EMPTY_PATH: an empty name means the handle itself.</summary>
    public const int EmptyPathAt = 0x1000;

    private const string C = "libc";

    [LibraryImport(C, EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int directory, byte* name, int flags, uint mode);

    // openat2 has no wrapper in the C library; its number is the same on every architecture.
    [LibraryImport(C, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint OpenAt2(nint number, nint directory, byte* name, OpenHow* how, nint size);

    // Nor has listxattrat.
    [LibraryImport(C, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint ListXattrsAt(nint number, nint directory, byte* name, nint flags, byte* names, nint length);

    [LibraryImport(C, EntryPoint = "faccessat", SetLastError = true)]
    public static partial int AccessAt(int directory, byte* name, int mode, int flags);

    [LibraryImport(C, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int handle);

    [LibraryImport(C, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int handle, byte* target, nint count);

    [LibraryImport(C, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int handle, byte* source, nint count);

    [LibraryImport(C, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(int handle, byte* source, nint count, long offset);

    [LibraryImport(C, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(int handle, long length);

    [LibraryImport(C, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int handle);

    [LibraryImport(C, EntryPoint = "sync_file_range", SetLastError = true)]
    public static partial int SyncRange(int handle, long offset, long length, uint flags);

    [LibraryImport(C, EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(int handle);

    [LibraryImport(C, EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectoryAt(int directory, byte* name, uint mode);

    [LibraryImport(C, EntryPoint = "mknodat", SetLastError = true)]
    public static partial int MakeNodeAt(int directory, byte* name, uint mode, ulong device);

    [LibraryImport(C, EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int SymlinkAt(byte* target, int directory, byte* name);

    [LibraryImport(C, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(int sourceDirectory, byte* source, int directory, byte* name, int flags);

    [LibraryImport(C, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(int directory, byte* name, int flags);

    [LibraryImport(C, EntryPoint = "renameat2", SetLastError = true)]
    public static partial int RenameAt2(int sourceDirectory, byte* source, int directory, byte* name, uint flags);

    [LibraryImport(C, EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(int directory, byte* name, byte* target, nint count);

    [LibraryImport(C, EntryPoint = "fchown", SetLastError = true)]
    public static partial int SetOwner(int handle, uint user, uint group);

    [LibraryImport(C, EntryPoint = "fchownat", SetLastError = true)]
    public static partial int SetOwnerAt(int directory, byte* name, uint user, uint group, int flags);

    [LibraryImport(C, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int SetMode(int handle, uint mode);

    [LibraryImport(C, EntryPoint = "fchmodat", SetLastError = true)]
    public static partial int SetModeAt(int directory, byte* name, uint mode, int flags);

    [LibraryImport(C, EntryPoint = "futimens", SetLastError = true)]
    public static partial int SetTimes(int handle, FileTimes* times);

    [LibraryImport(C, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int SetTimesAt(int directory, byte* name, FileTimes* times, int flags);

    [LibraryImport(C, EntryPoint = "fsetxattr", SetLastError = true)]
    public static partial int SetXattr(int handle, byte* name, byte* value, nint length, int flags);

    [LibraryImport(C, EntryPoint = "lsetxattr", SetLastError = true)]
    public static partial int SetXattrOfPath(byte* path, byte* name, byte* value, nint length, int flags);

    [LibraryImport(C, EntryPoint = "lgetxattr", SetLastError = true)]
    public static partial nint GetXattrOfPath(byte* path, byte* name, byte* value, nint length);

    [LibraryImport(C, EntryPoint = "llistxattr", SetLastError = true)]
    public static partial nint ListXattrsOfPath(byte* path, byte* names, nint length);

    [LibraryImport(C, EntryPoint = "statx", SetLastError = true)]
    public static partial int StatX(int directory, byte* name, int flags, uint mask, FileStatus* status);

    [LibraryImport(C, EntryPoint = "copy_file_range", SetLastError = true)]
    public static partial nint CopyRange(int source, long* sourceOffset, int target, long* targetOffset, nint count, uint flags);

    [LibraryImport(C, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int handle, int command, nint argument);

    [LibraryImport(C, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollItem* items, nuint count, int milliseconds);

    [LibraryImport(C, EntryPoint = "isatty")]
    public static partial int IsTerminal(int handle);

    [LibraryImport(C, EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(void* start, nuint length, int advice);

    [LibraryImport(C, EntryPoint = "fdopendir", SetLastError = true)]
    public static partial nint OpenListing(int handle);

    [LibraryImport(C, EntryPoint = "readdir", SetLastError = true)]
    public static partial byte* NextListed(nint listing);

    [LibraryImport(C, EntryPoint = "closedir", SetLastError = true)]
    public static partial int CloseListing(nint listing);

    [LibraryImport(C, EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport(C, EntryPoint = "getegid")]
    public static partial uint EffectiveGroup();

    [LibraryImport(C, EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport(C, EntryPoint = "umask")]
    public static partial uint SetMask(uint mask);

    [LibraryImport(C, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int handle, int operation);

    [LibraryImport(C, EntryPoint = "mount", SetLastError = true)]
    public static partial int Mount(byte* source, byte* target, byte* type, nuint flags, byte* options);

    [LibraryImport(C, EntryPoint = "umount2", SetLastError = true)]
    public static partial int Unmount(byte* target, int flags);

    [LibraryImport(C, EntryPoint = "chdir", SetLastError = true)]
    public static partial int ChangeDirectory(byte* path);

    [LibraryImport(C, EntryPoint = "statfs", SetLastError = true)]
    public static partial int StatFileSystem(byte* path, long* status);

    /// <summary>pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollItem
    {
        public int Handle;
        public short Events;
        public short Found;
    }

    /// <summary>open_how of openat2(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
