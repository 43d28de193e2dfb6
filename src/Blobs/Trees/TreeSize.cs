using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Trees.Internal;

namespace Blobs.Trees;

/// <summary>The size of the files in a tree, as dockerd counts it (20.10, pkg/directory and pkg/archive): no
/// directories, and every file once, whatever its number of names.</summary>
public static class TreeSize
{
    /// <summary>The size of all files.</summary>
    public static long Of(DirectoryHandle tree, CancellationToken cancellationToken = default) =>
        Of(tree, TreeWalk.All(tree), cancellationToken);

    /// <summary>The size of the files that were added or changed.</summary>
    public static long Of(DirectoryHandle tree, IEnumerable<TreeChange> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(changes);
        var seen = new HashSet<ulong>();
        long bytes = 0;
        foreach (TreeChange change in changes.Where(change => !change.IsGone))
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] pathZ = [.. change.Path, 0];
            int errno = tree.TryGetStatus(pathZ, out FileStatus status);
            if (errno is Errno.NotFound or Errno.NotDirectory)
            {
                continue;
            }

            Errno.ThrowIfSet("stat", errno, pathZ);
            bytes += status.IsDirectory || !seen.Add(status.Inode) ? 0 : status.Length;
        }

        return bytes;
    }
}
