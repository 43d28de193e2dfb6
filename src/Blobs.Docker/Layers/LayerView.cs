using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Opens the whole tree of a layer for reading, without changing anything in the data root.</summary>
internal static class LayerView
{
    public static DirectoryHandle Open(ILayerDriver driver, string id)
    {
        if (driver.MountOf(id) is not { } mount)
        {
            return DirectoryHandle.Open(driver.TreeOf(id));
        }

        // An existing mount shows what programs are writing right now.
        return OverlayFileSystem.IsMountedAt(mount.Target) ? DirectoryHandle.Open(mount.Target) : mount.OpenPrivately();
    }
}
