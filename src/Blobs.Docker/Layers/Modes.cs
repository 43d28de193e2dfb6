namespace Blobs.Docker.Layers;

/// <summary>The modes of the directories in a data root, as in dockerd 20.10.</summary>
internal static class Modes
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0710: a remapped root user can traverse the directory.</summary>
    public const UnixFileMode Passable = Private | UnixFileMode.GroupExecute;

    /// <summary>0701: all users can traverse the directory.</summary>
    public const UnixFileMode Searchable = Private | UnixFileMode.OtherExecute;

    /// <summary>0755.</summary>
    public const UnixFileMode Open = Passable | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
}
