namespace Blobs.Storage;

/// <summary>What has to be on disk, not only in memory, before a caller is told that something was done.</summary>
public enum Durability
{
    /// <summary>Nothing: a crash of the machine may lose what was acknowledged, or leave files of zeros. A crash of the process loses
    /// nothing.</summary>
    None = 0,

    /// <summary>Everything that was committed: a blob's bytes before its name, its name before the links to it.</summary>
    Commit,

    /// <summary>Also what has come of an upload, whenever a request of it ends.</summary>
    Full,
}
