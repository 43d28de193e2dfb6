using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Mounts overlayfs (mount(2), umount2(2)), and reports the features and defaults of this kernel's
/// overlayfs.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class OverlayFileSystem
{
    private const string Parameters = "/sys/module/overlay/parameters";
    private const long Magic = 0x794c7630;
    private const nuint ReadOnly = 1;
    private const int Detached = 2;

    /// <summary>The attribute that marks a directory as opaque, with the value <c>y</c>.</summary>
    public static ReadOnlySpan<byte> OpaqueZ => "trusted.overlay.opaque\0"u8;

    /// <summary>The opaque attribute for mounts without privileges (<c>userxattr</c>).</summary>
    public static ReadOnlySpan<byte> UserOpaqueZ => "user.overlay.opaque\0"u8;

    /// <summary>Whether the kernel knows the mount option <c>index=off</c>; those that do not refuse it.</summary>
    public static bool KnowsIndex => File.Exists($"{Parameters}/index");

    /// <summary>Whether <c>redirect_dir</c> or <c>metacopy</c> is on: the upper directory alone then does not show what
    /// changed.</summary>
    public static bool HidesChanges => IsOn("redirect_dir") || IsOn("metacopy");

    /// <summary>Whether this process is in a user namespace: overlayfs then uses attributes in the <c>user.</c>
    /// namespace.</summary>
    public static bool NeedsUserXattrs
    {
        get
        {
            // "inside outside length": the first namespace maps all 2^32 - 1 ids to themselves (user_namespaces(7)).
            const string Everybody = "4294967295";
            const string Map = "/proc/self/uid_map";
            string[] words = SmallFile.TryReadText(Map)?.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)
                ?? ["0", "0", Everybody];
            return words is not ["0", "0", Everybody];
        }
    }

    /// <summary>Whether an overlayfs is mounted at this path.</summary>
    public static bool IsMountedAt(string path)
    {
        // struct statfs has 120 bytes and begins with the type.
        long* status = stackalloc long[32];
        fixed (byte* name = FilePath.Terminated(path))
        {
            return Syscalls.StatFileSystem(name, status) == 0 && *status == Magic;
        }
    }

    /// <summary>Mounts an overlay, visible to all processes.</summary>
    /// <param name="target">An existing directory; may be relative to <paramref name="directory"/>.</param>
    /// <param name="options">The options as text.</param>
    /// <param name="directory">The base of relative paths in the options; null when there are none.</param>
    public static void Mount(string target, string options, string? directory = null)
    {
        if (directory is null)
        {
            Mount(target, options, flags: 0);
        }
        else
        {
            OwnThread.RunIn(directory, () => Mount(target, options, flags: 0));
        }
    }

    /// <summary>
    /// Mounts a read-only overlay in a private mount namespace and opens its root. The mount disappears when the handle
    /// is closed or the process ends.
    /// </summary>
    /// <param name="options">The options as text, without an upper directory.</param>
    /// <param name="directory">The base of relative paths in the options.</param>
    public static DirectoryHandle OpenPrivately(string options, string directory)
    {
        DirectoryHandle? root = null;
        OwnThread.RunWithOwnMounts(directory, () =>
        {
            // Mounted over the directory, in this thread's mount namespace only.
            Mount(directory, options, ReadOnly);
            root = DirectoryHandle.Open(directory);
        });
        return root!;
    }

    /// <summary>Detaches a mount (MNT_DETACH); files that are still open stay usable.</summary>
    public static void Detach(string target)
    {
        fixed (byte* path = FilePath.Terminated(target))
        {
            Errno.ThrowIfSet("umount", Errno.Of(Syscalls.Unmount(path, Detached)), FilePath.Terminated(target));
        }
    }

    private static void Mount(string target, string options, nuint flags)
    {
        fixed (byte* type = "overlay\0"u8, path = FilePath.Terminated(target), data = FilePath.Terminated(options))
        {
            int errno = Errno.Of(Syscalls.Mount(type, path, type, flags, data));
            if (errno != Errno.None)
            {
                throw Errno.Error("mount overlay", errno, target);
            }
        }
    }

    private static bool IsOn(string parameter) => SmallFile.TryReadText($"{Parameters}/{parameter}")?.StartsWith('Y') == true;
}
