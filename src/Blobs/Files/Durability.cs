namespace Blobs.Files;

/// <summary>What has to be on disk, not only in memory, before a caller is told that something was done.</summary>
public enum Durability
{
    /// <summary>Nothing: a crash of the machine may lose what was acknowledged, or leave files of zeros. A crash of the process loses
    /// nothing.</summary>
    None = 0,

    /// <summary>Everything that was committed: bytes before their name, a name before what points to it. A data root is synced once for
    /// all that was written to it, just before a layer gets its name.</summary>
    Commit,

    /// <summary>Also what is on its way: what has come of an upload whenever a request of it ends, and each file of a layer as it is
    /// closed.</summary>
    Full,
}
