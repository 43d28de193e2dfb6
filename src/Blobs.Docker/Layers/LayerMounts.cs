using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Counts the users of mounted trees. A mount is shared by all its users, and is unmounted when the last one is done. A
/// mount that existed before this process counts as having one user, as in dockerd after a restart.
/// </summary>
internal static class LayerMounts
{
    private static readonly Dictionary<string, int> Counts = [];

    /// <summary>Returns the directory with the layer's whole tree, mounting it if necessary.</summary>
    public static string Get(ILayerDriver driver, string id)
    {
        if (driver.MountOf(id) is not { } mount)
        {
            return driver.TreeOf(id);
        }

        lock (Counts)
        {
            int count = CountOf(mount.Target);
            if (count == 0)
            {
                mount.Mount();
            }

            Counts[mount.Target] = count + 1;
            return mount.Target;
        }
    }

    /// <summary>Releases the tree that <see cref="Get"/> returned. Does nothing if it is not mounted.</summary>
    public static void Put(ILayerDriver driver, string id)
    {
        if (driver.MountOf(id) is not { } mount)
        {
            return;
        }

        lock (Counts)
        {
            int count = CountOf(mount.Target) - 1;
            if (count > 0)
            {
                Counts[mount.Target] = count;
                return;
            }

            Counts.Remove(mount.Target);
            if (OverlayFileSystem.IsMountedAt(mount.Target))
            {
                mount.Unmount();
            }
        }
    }

    public static bool IsMounted(ILayerDriver driver, string id) =>
        driver.MountOf(id) is { } mount && OverlayFileSystem.IsMountedAt(mount.Target);

    /// <summary>Unmounts a directory that is about to be removed and is not in use. A dead process may have left it
    /// mounted.</summary>
    public static void DetachLeftover(string merged)
    {
        lock (Counts)
        {
            Counts.Remove(merged);
            while (OverlayFileSystem.IsMountedAt(merged))
            {
                OverlayFileSystem.Detach(merged);
            }
        }
    }

    private static int CountOf(string target) =>
        OverlayFileSystem.IsMountedAt(target) ? Math.Max(1, Counts.GetValueOrDefault(target)) : 0;
}
