namespace Blobs.Files;

/// <summary>What is flushed to disk before a call reports success.</summary>
public enum Durability
{
    /// <summary>Nothing is flushed: a crash of the machine may lose acknowledged data or leave files of zeros. A crash
    /// of the process loses nothing.</summary>
    None = 0,

    /// <summary>Everything committed: content before its name, a name before anything that refers to it. A data root is
    /// synced once per layer, just before the layer gets its name.</summary>
    Commit,

    /// <summary>Unfinished work too: an upload at the end of each request, and each file of a layer as it is
    /// closed.</summary>
    Full,
}
