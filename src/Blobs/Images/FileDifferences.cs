namespace Blobs.Images;

/// <summary>In what two files with the same path differ. Times are not compared: building an image again changes them.</summary>
[Flags]
public enum FileDifferences
{
    /// <summary>In nothing.</summary>
    None = 0,

    /// <summary>The type: file, directory, link, device.</summary>
    Type = 1,

    /// <summary>The content of a regular file.</summary>
    Content = 2,

    /// <summary>Permission, set-id and sticky bits.</summary>
    Mode = 4,

    /// <summary>The owner or the group.</summary>
    Owner = 8,

    /// <summary>The target of a symbolic link.</summary>
    Target = 16,

    /// <summary>The numbers of a device.</summary>
    Device = 32,

    /// <summary>The extended attributes.</summary>
    Attributes = 64,
}
