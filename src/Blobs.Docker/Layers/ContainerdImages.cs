using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Tells the roots of engines that keep their images with containerd, as fresh ones do since 29.0: they have no image database of any
/// driver. An engine that finds one takes that driver for the one used before, and no longer shows what containerd has.
/// </summary>
internal static class ContainerdImages
{
    /// <exception cref="ContainerdRootException">Containerd keeps the root's images.</exception>
    public static void ThrowIfKept(string root)
    {
        if (!HasDrivers(RootPaths.Images(root))
            && RootPaths.ContainerdSigns(root).FirstOrDefault(Path.Exists) is { } found)
        {
            throw new ContainerdRootException(
                root,
                $"{root}: containerd keeps the images of this root (it has {Path.GetRelativePath(root, found)}, and nothing in image/): "
                + "they cannot be read here, and what is written here would hide them from the engine; "
                + "name a storage driver to write all the same");
        }
    }

    private static bool HasDrivers(string images)
    {
        try
        {
            return Directory.Exists(images) && DirectoryList.Directories(images).Length > 0;
        }
        catch (SystemCallException)
        {
            // Whoever opens what is in it says so.
            return true;
        }
    }
}
