using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Trees in use. A mount is shared by all who asked for it and goes with the last of them. One that was there before this process counts as
/// asked for once, as the engine does after its own restart.
/// </summary>
internal static class LayerMounts
{
    private static readonly Dictionary<string, int> Counts = [];

    /// <summary>The directory with the layer's whole tree, mounted if it must be.</summary>
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

    /// <summary>Gives back what <see cref="Get"/> gave; nothing mounted is no error.</summary>
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

    /// <summary>For a directory that is about to be removed and that nobody can be using: a program that died may have left it
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
