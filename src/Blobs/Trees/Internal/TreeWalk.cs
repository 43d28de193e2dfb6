using System.ComponentModel;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Trees.Internal;

/// <summary>
/// Walks everything below a directory, depth first, names in bytewise order, as Go's filepath.Walk does.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TreeWalk
{
    public static IEnumerable<TreeChange> All(DirectoryHandle root)
    {
        // Memory holds the names of the directories on the current path only.
        var levels = new Stack<Level>();
        try
        {
            Errno.ThrowIfSet("open", root.TryOpenChild(".\0"u8, out DirectoryHandle? top), "."u8);
            levels.Push(new Level(top!, []));
            while (levels.TryPeek(out Level? level))
            {
                if (!level.NamesZ.TryDequeue(out byte[]? nameZ))
                {
                    levels.Pop().Directory.Dispose();
                    continue;
                }

                byte[] path = [.. level.Prefix, .. nameZ.AsSpan(..^1)];
                yield return new TreeChange(path, IsGone: false);
                if (TryOpen(level.Directory, nameZ) is { } child)
                {
                    levels.Push(new Level(child, [.. path, (byte)'/']));
                }
            }
        }
        finally
        {
            foreach (Level level in levels)
            {
                level.Directory.Dispose();
            }
        }
    }

    /// <summary>Names in a directory, in bytewise order, each ending in NUL.</summary>
    public static List<byte[]> Names(DirectoryHandle directory)
    {
        List<byte[]> names = directory.List();
        names.Sort(static (left, right) => left.AsSpan().SequenceCompareTo(right));
        return names;
    }

    /// <summary>Opens the directory of that name; null when it is something else or has gone.</summary>
    public static DirectoryHandle? TryOpen(DirectoryHandle parent, ReadOnlySpan<byte> nameZ)
    {
        int errno = parent.TryOpenChild(nameZ, out DirectoryHandle? child);
        if (errno is not (Errno.NotDirectory or Errno.NotFound or Errno.TooManySymlinks))
        {
            Errno.ThrowIfSet("open", errno, nameZ);
        }

        return child;
    }

    private sealed class Level(DirectoryHandle directory, byte[] prefix)
    {
        public DirectoryHandle Directory => directory;

        public byte[] Prefix => prefix;

        public Queue<byte[]> NamesZ { get; } = new(Names(directory));
    }
}
