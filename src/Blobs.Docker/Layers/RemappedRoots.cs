using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Docker.Layers;

/// <summary>
/// A daemon with remapped users keeps everything in <c>ROOT/UID.GID</c>. Who names ROOT means that, but there may be several, and what
/// another daemon would make of ROOT itself nobody asked for: so it is said where the root is, and nothing done.
/// </summary>
internal static class RemappedRoots
{
    /// <exception cref="StoreException">There is such a root below the directory, and none in it.</exception>
    public static void ThrowIfAbove(string root)
    {
        if (Directory.Exists(RootPaths.Images(root)))
        {
            return;
        }

        string[] roots = [.. DriverDirectories.NamesIn(root)
            .Where(OwnerMap.IsName)
            .Select(name => RootPaths.Remapped(root, name))
            .Where(inner => Directory.Exists(RootPaths.Images(inner)) && !OwnerMap.Of(inner).IsNone)
            .Order(StringComparer.Ordinal)];
        if (roots.Length > 0)
        {
            throw new StoreException(
                root, $"{root}: a daemon with remapped users keeps its images in {string.Join(" and ", roots)}: give that as the root");
        }
    }
}
