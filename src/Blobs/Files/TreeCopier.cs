namespace Blobs.Files;

/// <summary>
/// Copies a tree with everything the kernel keeps about it: owners, modes, times, extended attributes, hard links, devices. Contents
/// are copied inside the kernel, which shares blocks where the file system can. What only root may set is left out without root.
/// </summary>
internal sealed class TreeCopier
{
    // Where a file with several names was first copied to.
    private readonly Dictionary<ulong, (DirectoryHandle Directory, byte[] NameZ)> _linked = [];
    private readonly List<DirectoryHandle> _kept = [];

    /// <summary>Copies what is in <paramref name="source"/> into <paramref name="target"/>, an empty directory.</summary>
    public void Copy(DirectoryHandle source, DirectoryHandle target)
    {
        try
        {
            CopyContent(source, target);
        }
        finally
        {
            foreach (DirectoryHandle directory in _kept)
            {
                directory.Dispose();
            }
        }
    }

    private void CopyContent(DirectoryHandle source, DirectoryHandle target)
    {
        foreach (byte[] nameZ in source.List())
        {
            Errno.ThrowIfSet("stat", source.TryGetStatus(nameZ, out FileStatus status), nameZ);
            bool isLinked = !status.IsDirectory && status.LinkCount > 1;
            if (isLinked && _linked.TryGetValue(status.Inode, out (DirectoryHandle Directory, byte[] NameZ) first))
            {
                Errno.ThrowIfSet("link", target.MakeLink(nameZ, first.Directory, first.NameZ), nameZ);
                continue;
            }

            CopyOne(source, target, nameZ, status);
            CopyMetadata(source, target, nameZ, status);
            if (isLinked)
            {
                Errno.ThrowIfSet("open", target.TryOpenChild(".\0"u8, out DirectoryHandle? kept), nameZ);
                _kept.Add(kept!);
                _linked.Add(status.Inode, (kept!, nameZ));
            }
        }
    }

    private void CopyOne(DirectoryHandle source, DirectoryHandle target, byte[] nameZ, FileStatus status)
    {
        if (status.IsRegular)
        {
            CopyFile(source, target, nameZ);
        }
        else if (status.IsDirectory)
        {
            const uint OwnerAll = 0b111_000_000;
            Errno.ThrowIfSet("mkdir", target.MakeDirectory(nameZ, OwnerAll), nameZ);
            Errno.ThrowIfSet("open", source.TryOpenChild(nameZ, out DirectoryHandle? from), nameZ);
            using (from)
            {
                Errno.ThrowIfSet("open", target.TryOpenChild(nameZ, out DirectoryHandle? to), nameZ);
                using (to)
                {
                    CopyContent(from!, to!);
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

    private static void CopyFile(DirectoryHandle source, DirectoryHandle target, byte[] nameZ)
    {
        const uint OwnerReadWrite = 0b110_000_000;
        Errno.ThrowIfSet("open", source.TryOpenFile(nameZ, out int from), nameZ);
        try
        {
            Errno.ThrowIfSet("open", target.TryCreateFile(nameZ, OwnerReadWrite, out int to), nameZ);
            try
            {
                Errno.ThrowIfSet("copy_file_range", FileHandle.CopyAll(from, to), nameZ);
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

    // Owner first, as it clears what follows; times last, as everything else changes them.
    private static void CopyMetadata(DirectoryHandle source, DirectoryHandle target, byte[] nameZ, FileStatus status)
    {
        int errno = target.SetOwner(nameZ, status.User, status.Group);
        if (errno != Errno.NotPermitted)
        {
            Errno.ThrowIfSet("chown", errno, nameZ);
        }

        foreach (byte[] xattrZ in Split(source.ListXattrs(nameZ)))
        {
            errno = source.GetXattr(nameZ, xattrZ) is { } value ? target.SetXattr(nameZ, xattrZ, value) : Errno.None;
            if (errno is not (Errno.NotPermitted or Errno.NotSupported))
            {
                Errno.ThrowIfSet("setxattr", errno, nameZ);
            }
        }

        if (!status.IsSymlink)
        {
            Errno.ThrowIfSet("chmod", target.SetMode(nameZ, status.Permissions), nameZ);
        }

        var times = new Syscalls.TimePair
        {
            AccessSeconds = status.AccessSeconds,
            AccessNanoseconds = status.AccessNanoseconds,
            ModifiedSeconds = status.ModifiedSeconds,
            ModifiedNanoseconds = status.ModifiedNanoseconds,
        };
        Errno.ThrowIfSet("utimensat", target.SetTimes(nameZ, times), nameZ);
    }

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
