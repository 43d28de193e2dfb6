using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>Checks that a directory contains a registry's store. Without the check, a wrong directory would look like
/// an empty store.</summary>
internal static class StoreRoot
{
    /// <summary>Requires that the store exists.</summary>
    /// <exception cref="NotFoundException">The store does not exist.</exception>
    /// <exception cref="StoreException">The path is not a directory.</exception>
    public static void Require(string root)
    {
        DirectoryPresence.Require(root);
        if (!DirectoryPresence.IsThere(RegistryPaths.Folder(root)))
        {
            throw new NotFoundException(root, $"{root}: not a registry's store: it has no directory {RegistryPaths.Version}");
        }
    }

    /// <summary>Creates the store if it does not exist, and requires that it is writable.</summary>
    /// <exception cref="StoreException">The path is not a directory.</exception>
    /// <exception cref="SystemCallException">The store is not writable.</exception>
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
