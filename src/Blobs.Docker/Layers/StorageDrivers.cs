namespace Blobs.Docker.Layers;

/// <summary>The storage drivers whose roots can be read and written.</summary>
public static class StorageDrivers
{
    /// <summary>The engine's usual one: a directory a layer, mounted upon one another.</summary>
    public const string Overlay2 = "overlay2";

    /// <summary>The one before it: a whole tree a layer, its files shared by hard links.</summary>
    public const string Overlay = "overlay";

    /// <summary>A whole copy a layer.</summary>
    public const string Vfs = "vfs";

    /// <summary>All, in the order in which they are looked for.</summary>
    public static IReadOnlyList<string> All { get; } = [Overlay2, Overlay, Vfs];
}
