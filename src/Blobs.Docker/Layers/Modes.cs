namespace Blobs.Docker.Layers;

/// <summary>Modes of the directories of a store, as dockerd 20.10 makes them.</summary>
internal static class Modes
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0710: a remapped root may pass through.</summary>
    public const UnixFileMode Passable = Private | UnixFileMode.GroupExecute;

    /// <summary>0701: anybody may pass through.</summary>
    public const UnixFileMode Searchable = Private | UnixFileMode.OtherExecute;

    /// <summary>0755.</summary>
    public const UnixFileMode Open = Passable | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
}
