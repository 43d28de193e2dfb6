using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Containerd;

/// <summary>Directories that a layer needs and does not have itself get owner, mode and attributes from the nearest layer below
/// that has them. Otherwise they would hide those with root's.</summary>
internal static class ImpliedDirectories
{
    /// <summary>Copies the metadata.</summary>
    /// <param name="paths">The directories, those above first.</param>
    /// <param name="tree">The layer's tree.</param>
    /// <param name="lowers">The trees below it, the nearest first.</param>
    public static void CopyFrom(IReadOnlyList<byte[]> paths, string tree, IReadOnlyList<string> lowers)
    {
        if (paths.Count == 0 || lowers.Count == 0)
        {
            return;
        }

        using DirectoryHandle target = DirectoryHandle.Open(tree);
        List<DirectoryHandle> sources = [.. lowers.Select(DirectoryHandle.Open)];
        try
        {
            foreach (byte[] path in paths)
            {
                CopyOne([.. path, 0], target, sources);
            }
        }
        finally
        {
            sources.ForEach(source => source.Dispose());
        }
    }

    private static void CopyOne(byte[] pathZ, DirectoryHandle tree, List<DirectoryHandle> lowers)
    {
        // Something later in the layer may have removed it.
        if (tree.TryOpenInside(pathZ, out DirectoryHandle? target) != Errno.None)
        {
            return;
        }

        using (target)
        {
            foreach (DirectoryHandle lower in lowers)
            {
                if (lower.TryOpenInside(pathZ, out DirectoryHandle? source) == Errno.None)
                {
                    using (source)
                    {
                        Copy(source!, target!, pathZ);
                    }

                    return;
                }
            }
        }
    }

    private static void Copy(DirectoryHandle source, DirectoryHandle target, byte[] pathZ)
    {
        Errno.ThrowIfSet("stat", source.TryGetStatus(".\0"u8, out FileStatus status), pathZ);
        Errno.ThrowIfSet("chown", target.SetOwner(".\0"u8, status.User, status.Group), pathZ);
        foreach (ReadOnlyMemory<byte> nameZ in Names(source.ListXattrs(".\0"u8)))
        {
            if (source.GetXattr(".\0"u8, nameZ.Span) is { } value)
            {
                Errno.ThrowIfSet("setxattr", target.SetXattr(".\0"u8, nameZ.Span, value), pathZ);
            }
        }

        Errno.ThrowIfSet("chmod", target.SetMode(".\0"u8, status.Permissions), pathZ);
    }

    // What overlayfs itself notes is about that one layer.
    private static IEnumerable<ReadOnlyMemory<byte>> Names(byte[] names)
    {
        for (int begin = 0; begin < names.Length;)
        {
            int end = Array.IndexOf(names, (byte)0, begin) + 1;
            ReadOnlyMemory<byte> name = names.AsMemory(begin, end - begin);
            bool isOfOverlay = name.Span.StartsWith("trusted.overlay."u8) || name.Span.StartsWith("user.overlay."u8);
            begin = end;
            if (!isOfOverlay)
            {
                yield return name;
            }
        }
    }
}
