using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Creates directories in an untrusted tree: symbolic links are followed, but never out of it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TreeDirectories
{
    private const uint Mode = 0b111_101_101;

    /// <summary>Creates a directory and its parents as needed, with mode 0755, owned by the containers' root.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="path">Path below the root, its components separated by single slashes.</param>
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
                Errno.ThrowIfSet("chown", parent!.SetOwner(nameZ, owners.Root, owners.RootGroup), path);
            }

            Errno.ThrowIfSet("chmod", parent!.SetMode(nameZ, Mode), path);
        }
    }
}
