using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Checks whether a directory is a Docker data root. Without this check, any other directory would look like
/// an empty one.</summary>
internal static class DataRoot
{
    /// <summary>Requires that there is a data root with an image database for one of the drivers.</summary>
    /// <exception cref="ContainerdRootException">Containerd stores the data root's images.</exception>
    /// <exception cref="NotFoundException">There is no such data root.</exception>
    /// <exception cref="StoreException">The path is not a directory.</exception>
    /// <exception cref="SystemCallException">The data root could not be accessed.</exception>
    public static void Require(string root, params IReadOnlyList<string> drivers)
    {
        DirectoryPresence.Require(root);
        ContainerdImages.ThrowIfKept(root);
        string images = RootPaths.Images(root);
        if (!DirectoryPresence.IsThere(images))
        {
            throw new NotFoundException(root, $"{root}: not a Docker data root: it has no directory image");
        }

        if (!drivers.Any(driver => DirectoryPresence.IsThere(new RootPaths(root, driver).Image)))
        {
            string[] others = [.. DriverDirectories.NamesIn(images).Order(StringComparer.Ordinal)];
            string found = others.Length == 0 ? "none at all" : string.Join(", ", others);
            throw new NotFoundException(
                root, $"{root}: has no images of the storage driver {string.Join(" or ", drivers)}; those it has are of: {found}");
        }
    }

    /// <summary>The first driver that has layers in the data root; otherwise the first with an image database;
    /// otherwise overlay2.</summary>
    public static string DriverOf(string root) =>
        StorageDrivers.All.FirstOrDefault(driver => FilePath.IsDirectory(new RootPaths(root, driver).Layers))
        ?? StorageDrivers.All.FirstOrDefault(driver => FilePath.IsDirectory(new RootPaths(root, driver).Image))
        ?? StorageDrivers.All[0];
}
