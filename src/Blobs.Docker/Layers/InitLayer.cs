using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// The layer between an image and a container. It holds the mount points for dockerd's own files and file systems, so
/// that they never appear as changes made by the container (dockerd 20.10, package initlayer).
/// </summary>
internal static class InitLayer
{
    private const uint Mode = 0b111_101_101;

    private static readonly string[] Directories = ["dev/pts", "dev/shm", "proc", "sys"];

    private static readonly string[] Files = [".dockerenv", "etc/resolv.conf", "etc/hosts", "etc/hostname", "dev/console"];

    /// <summary>Creates all files and directories of the layer in a tree that shows the image.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="owners">The mapping that gives the root user in containers. That user owns everything except the
    /// symlink, as in dockerd.</param>
    public static void Write(string tree, OwnerMap owners)
    {
        using DirectoryHandle root = DirectoryHandle.Open(tree);
        foreach (string path in Directories)
        {
            At(root, path, owners, static (parent, nameZ) => parent.MakeDirectory(nameZ, Mode));
        }

        foreach (string path in Files)
        {
            At(root, path, owners, MakeEmptyFile);
        }

        At(root, "etc/mtab", owners, static (parent, nameZ) => parent.MakeSymlink(nameZ, "/proc/mounts\0"u8));
    }

    // Removes anything in the path that is not a directory, including the last component. So an image's own /etc/hosts
    // is hidden.
    private static void At(DirectoryHandle root, string path, OwnerMap owners, Func<DirectoryHandle, byte[], int> make)
    {
        string[] names = path.Split('/');
        DirectoryHandle parent = root;
        try
        {
            foreach (string name in names[..^1])
            {
                byte[] nameZ = FilePath.Terminated(name);
                DirectoryHandle child = OpenOrMake(parent, nameZ, owners);
                Leave(parent);
                parent = child;
            }

            byte[] lastZ = FilePath.Terminated(names[^1]);
            parent.Remove(lastZ, isDirectory: false);
            int errno = make(parent, lastZ);
            if (errno != Errno.Exists)
            {
                Errno.ThrowIfSet("init layer", errno, lastZ);
                SetMetadata(parent, lastZ, owners);
            }
        }
        finally
        {
            Leave(parent);
        }

        void Leave(DirectoryHandle directory)
        {
            if (directory != root)
            {
                directory.Dispose();
            }
        }
    }

    private static DirectoryHandle OpenOrMake(DirectoryHandle parent, byte[] nameZ, OwnerMap owners)
    {
        parent.Remove(nameZ, isDirectory: false);
        int errno = parent.MakeDirectory(nameZ, Mode);
        if (errno != Errno.Exists)
        {
            Errno.ThrowIfSet("mkdir", errno, nameZ);
            SetMetadata(parent, nameZ, owners);
        }

        Errno.ThrowIfSet("open", parent.TryOpenChild(nameZ, out DirectoryHandle? child), nameZ);
        return child!;
    }

    private static int MakeEmptyFile(DirectoryHandle parent, byte[] nameZ)
    {
        int errno = parent.TryCreateFile(nameZ, Mode, out int handle);
        if (errno == Errno.None)
        {
            FileHandle.Close(handle);
        }

        return errno;
    }

    // Set the metadata explicitly, so that neither the umask nor the parent directory's group affects it.
    private static void SetMetadata(DirectoryHandle parent, byte[] nameZ, OwnerMap owners)
    {
        Errno.ThrowIfSet("stat", parent.TryGetStatus(nameZ, out FileStatus status), nameZ);
        (uint User, uint Group) owner = status.IsSymlink ? (0, 0) : (owners.Root, owners.RootGroup);
        if (CurrentUser.IsRoot && (status.User, status.Group) != owner)
        {
            Errno.ThrowIfSet("chown", parent.SetOwner(nameZ, owner.User, owner.Group), nameZ);
        }

        if (!status.IsSymlink && status.Permissions != Mode)
        {
            Errno.ThrowIfSet("chmod", parent.SetMode(nameZ, Mode), nameZ);
        }
    }
}
