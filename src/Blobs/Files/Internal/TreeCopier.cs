using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>
/// Copies a tree with all metadata: owners, modes, times, extended attributes, hard links, devices. Contents are copied
/// inside the kernel, which shares blocks where the file system can, or are hard-linked on request. Without root,
/// metadata that only root may set is left out.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TreeCopier(bool linkFiles = false)
{
    private const uint OwnerAll = 0b111_000_000;
    private const uint OwnerReadWrite = 0b110_000_000;

    // First path, below the target, of each file with several hard links.
    private readonly Dictionary<ulong, byte[]> _copied = [];
    private DirectoryHandle? _root;

    /// <summary>Copies the content of <paramref name="source"/> into <paramref name="target"/>, an empty
    /// directory.</summary>
    public void Copy(DirectoryHandle source, DirectoryHandle target)
    {
        _root = target;
        CopyContent(source, target, []);
    }

    /// <summary>Replaces a hard-linked file by a copy, so that changes to it do not affect its other names.</summary>
    public static void Separate(DirectoryHandle directory, ReadOnlySpan<byte> nameZ)
    {
        byte[] temporaryZ = [.. ".blobs-"u8, .. System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("n")), 0];
        Errno.ThrowIfSet("stat", directory.TryGetStatus(nameZ, out FileStatus status), nameZ);
        CopyFile(directory, directory, nameZ, temporaryZ);
        CopyMetadata(directory, directory, nameZ, temporaryZ, status);
        Errno.ThrowIfSet("rename", AtomicFile.Rename(directory, temporaryZ, nameZ), nameZ);
    }

    private void CopyContent(DirectoryHandle source, DirectoryHandle target, byte[] path)
    {
        foreach (byte[] nameZ in source.List())
        {
            Errno.ThrowIfSet("stat", source.TryGetStatus(nameZ, out FileStatus status), nameZ);
            byte[] below = path.Length == 0 ? nameZ[..^1] : [.. path, (byte)'/', .. nameZ.AsSpan(..^1)];
            bool isLinked = !status.IsDirectory && status.LinkCount > 1;
            if (isLinked && _copied.TryGetValue(status.Inode, out byte[]? firstZ))
            {
                Errno.ThrowIfSet("link", target.MakeLink(nameZ, _root!, firstZ), nameZ);
                continue;
            }

            if (linkFiles && status.IsRegular && TryLink(source, target, nameZ))
            {
                continue;
            }

            CopyOne(source, target, nameZ, status, below);
            CopyMetadata(source, target, nameZ, nameZ, status);
            if (isLinked)
            {
                _copied.Add(status.Inode, [.. below, 0]);
            }
        }
    }

    // A file may have too many hard links already (ext4 allows 65,000), or belong to another user.
    private static bool TryLink(DirectoryHandle source, DirectoryHandle target, byte[] nameZ)
    {
        int errno = target.MakeLink(nameZ, source, nameZ);
        if (errno is Errno.TooManyLinks or Errno.NotPermitted or Errno.CrossDevice)
        {
            return false;
        }

        Errno.ThrowIfSet("link", errno, nameZ);
        return true;
    }

    private void CopyOne(DirectoryHandle source, DirectoryHandle target, byte[] nameZ, FileStatus status, byte[] path)
    {
        if (status.IsRegular)
        {
            CopyFile(source, target, nameZ, nameZ);
        }
        else if (status.IsDirectory)
        {
            Errno.ThrowIfSet("mkdir", target.MakeDirectory(nameZ, OwnerAll), nameZ);
            Errno.ThrowIfSet("open", source.TryOpenChild(nameZ, out DirectoryHandle? from), nameZ);
            using (from)
            {
                Errno.ThrowIfSet("open", target.TryOpenChild(nameZ, out DirectoryHandle? to), nameZ);
                using (to)
                {
                    CopyContent(from!, to!, path);
                }
            }
        }
        else if (status.IsSymlink)
        {
            byte[] link = source.ReadLink(nameZ);
            Errno.ThrowIfSet("symlink", target.MakeSymlink(nameZ, [.. link, 0]), nameZ);
        }
        else
        {
            int errno = target.MakeNode(nameZ, status.Type | status.Permissions, status.DeviceMajor, status.DeviceMinor);
            Errno.ThrowIfSet("mknod", errno, nameZ);
        }
    }

    private static void CopyFile(DirectoryHandle source, DirectoryHandle target, ReadOnlySpan<byte> sourceZ, ReadOnlySpan<byte> targetZ)
    {
        Errno.ThrowIfSet("open", source.TryOpenFile(sourceZ, out int from), sourceZ);
        try
        {
            Errno.ThrowIfSet("open", target.TryCreateFile(targetZ, OwnerReadWrite, out int to), targetZ);
            try
            {
                Errno.ThrowIfSet("copy_file_range", FileHandle.CopyAll(from, to), sourceZ);
            }
            finally
            {
                FileHandle.Close(to);
            }
        }
        finally
        {
            FileHandle.Close(from);
        }
    }

    // Owner first, because chown clears mode bits and capabilities; times last, because everything else changes them.
    private static void CopyMetadata(
        DirectoryHandle source, DirectoryHandle target, ReadOnlySpan<byte> sourceZ, ReadOnlySpan<byte> targetZ, FileStatus status)
    {
        int errno = target.SetOwner(targetZ, status.User, status.Group);
        if (errno != Errno.NotPermitted)
        {
            Errno.ThrowIfSet("chown", errno, targetZ);
        }

        foreach (byte[] xattrZ in Split(source.ListXattrs(sourceZ)))
        {
            bool isKept = !IsBookkeeping(xattrZ);
            errno = isKept && source.GetXattr(sourceZ, xattrZ) is { } value ? target.SetXattr(targetZ, xattrZ, value) : Errno.None;
            if (errno is not (Errno.NotPermitted or Errno.NotSupported))
            {
                Errno.ThrowIfSet("setxattr", errno, targetZ);
            }
        }

        if (!status.IsSymlink)
        {
            Errno.ThrowIfSet("chmod", target.SetMode(targetZ, status.Permissions), targetZ);
        }

        var times = new FileTimes
        {
            AccessSeconds = status.AccessSeconds,
            AccessNanoseconds = status.AccessNanoseconds,
            ModifiedSeconds = status.ModifiedSeconds,
            ModifiedNanoseconds = status.ModifiedNanoseconds,
        };
        Errno.ThrowIfSet("utimensat", target.SetTimes(targetZ, times), targetZ);
    }

    // Most overlayfs attributes are valid for one mount's upper directory only; opaqueness is part of the tree.
    private static bool IsBookkeeping(ReadOnlySpan<byte> xattrZ) =>
        (xattrZ.StartsWith("trusted.overlay."u8) || xattrZ.StartsWith("user.overlay."u8)) && !xattrZ.EndsWith(".opaque\0"u8);

    private static List<byte[]> Split(byte[] names)
    {
        var list = new List<byte[]>();
        for (int start = 0; start < names.Length;)
        {
            int end = Array.IndexOf(names, (byte)0, start) + 1;
            list.Add(names[start..end]);
            start = end;
        }

        return list;
    }
}
