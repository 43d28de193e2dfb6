namespace Blobs.Docker.Layers;

/// <summary>The storage drivers whose data roots can be read and written.</summary>
public static class StorageDrivers
{
    /// <summary>Docker's usual driver. Each layer has its own directory, and the directories are stacked by a
    /// mount.</summary>
    public const string Overlay2 = "overlay2";

    /// <summary>The predecessor of overlay2. Each layer holds a whole tree and shares its files by hard
    /// links.</summary>
    public const string Overlay = "overlay";

    /// <summary>Each layer is a full copy of the tree.</summary>
    public const string Vfs = "vfs";

    /// <summary>All drivers, in the order in which they are searched for.</summary>
    public static IReadOnlyList<string> All { get; } = [Overlay2, Overlay, Vfs];
}
