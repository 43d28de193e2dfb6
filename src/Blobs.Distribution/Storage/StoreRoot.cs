using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>Whether a directory has a registry's store. One that has none would look like an empty one.</summary>
internal static class StoreRoot
{
    /// <summary>Requires a store that is there.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="StoreException">Its place is not a directory.</exception>
    public static void Require(string root)
    {
        DirectoryPresence.Require(root);
        if (!DirectoryPresence.IsThere(RegistryPaths.Folder(root)))
        {
            throw new NotFoundException(root, $"{root}: is no registry's store: it has no directory {RegistryPaths.Version}");
        }
    }

    /// <summary>Makes the store where it is not there, and requires that it can be written to.</summary>
    /// <exception cref="StoreException">Its place is not a directory.</exception>
    /// <exception cref="SystemCallException">It cannot be written to.</exception>
    public static void Prepare(string root, bool isDurable)
    {
        string folder = RegistryPaths.Folder(root);
        DirectoryPresence.RequireWritable(folder);
        DurableDirectory.Ensure(folder, isDurable);
        foreach (string part in (string[])[RegistryPaths.Blobs, RegistryPaths.Repositories])
        {
            DirectoryPresence.RequireWritable(Path.Combine(folder, part));
        }
    }
}
