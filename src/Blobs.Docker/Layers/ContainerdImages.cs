using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Detects data roots whose images are stored by containerd, the default for new installations since Docker 29.0. Such
/// a root has no image database for any storage driver. If dockerd finds an image database, it assumes that its driver
/// was in use before, and no longer shows the images in containerd.
/// </summary>
internal static class ContainerdImages
{
    /// <exception cref="ContainerdRootException">Containerd stores the data root's images.</exception>
    public static void ThrowIfKept(string root)
    {
        if (!HasDrivers(RootPaths.Images(root))
            && RootPaths.ContainerdSigns(root).FirstOrDefault(Path.Exists) is { } found)
        {
            throw new ContainerdRootException(
                root,
                $"{root}: containerd keeps the images of this root (it has {Path.GetRelativePath(root, found)}, and nothing in image/): "
                + "they cannot be read here, and dockerd would no longer find them once an image is written here; "
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
            // Opening the image database reports the error.
            return true;
        }
    }
}
