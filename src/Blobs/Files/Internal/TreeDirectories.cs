using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Directories in a tree that nobody vouches for: links in it lead wherever they say, but never out of it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TreeDirectories
{
    private const uint Mode = 0b111_101_101;

    /// <summary>Makes a directory and those above it, the containers' root's and plain, where they are not there.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="path">Below it, components parted by one slash each.</param>
    /// <param name="owners">Who is root in containers.</param>
    public static void Ensure(DirectoryHandle root, ReadOnlySpan<byte> path, OwnerMap owners)
    {
        int slash = path.LastIndexOf((byte)'/');
        ReadOnlySpan<byte> above = path[..Math.Max(0, slash)];
        if (root.TryOpenInside([.. path, 0], out DirectoryHandle? there) == Errno.None)
        {
            there!.Dispose();
            return;
        }

        if (!above.IsEmpty)
        {
            Ensure(root, above, owners);
        }

        byte[] aboveZ = above.IsEmpty ? [(byte)'.', 0] : [.. above, 0];
        Errno.ThrowIfSet("open", root.TryOpenInside(aboveZ, out DirectoryHandle? parent), path);
        using (parent)
        {
            byte[] nameZ = [.. path[(slash + 1)..], 0];
            Errno.ThrowIfSet("mkdir", parent!.MakeDirectory(nameZ, Mode), path);
            if (!owners.IsNone)
            {
                Errno.ThrowIfSet("chown", parent.SetOwner(nameZ, owners.Root, owners.RootGroup), path);
            }

            Errno.ThrowIfSet("chmod", parent.SetMode(nameZ, Mode), path);
        }
    }
}
