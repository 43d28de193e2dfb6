using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>The whole tree of a layer, for reading. Nothing in the root changes for it.</summary>
internal static class LayerView
{
    public static DirectoryHandle Open(ILayerDriver driver, string id)
    {
        if (driver.MountOf(id) is not { } mount)
        {
            return DirectoryHandle.Open(driver.TreeOf(id));
        }

        // One that is there shows what programs write at this moment.
        return OverlayFileSystem.IsMountedAt(mount.Target) ? DirectoryHandle.Open(mount.Target) : mount.OpenPrivately();
    }
}
