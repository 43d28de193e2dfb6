using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>What a layer has on disk besides its record.</summary>
internal static class LayerFiles
{
    /// <summary>Removes all of it; what is missing is no error. Nobody may use the layer.</summary>
    public static void Remove(StorePaths paths, string id)
    {
        LayerLinks.Remove(paths, id);
        TreeRemover.Remove(paths.Layer(id));
        TreeRemover.Remove(paths.LayerItems(id));
        File.Delete(paths.Recording(id));
    }
}
