using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Docker.Layers;

/// <summary>
/// Detects that the actual data root is in a subdirectory. A Docker daemon with user namespace remapping keeps
/// everything in <c>ROOT/UID.GID</c>. A user who passes ROOT means that subdirectory. But there may be several, and the
/// user did not ask for changes to ROOT itself, which would belong to another daemon. So the error names the
/// subdirectories, and nothing is changed.
/// </summary>
internal static class RemappedRoots
{
    /// <exception cref="StoreException">There is a remapped data root in a subdirectory, and none in the directory
    /// itself.</exception>
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
