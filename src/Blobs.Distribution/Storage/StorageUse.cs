namespace Blobs.Distribution.Storage;

/// <summary>What a process does to a storage that not everybody may do beside it.</summary>
public enum StorageUse
{
    /// <summary>Takes pushes and deletions: any number of processes may.</summary>
    Write = 0,

    /// <summary>Collects garbage: one process may, while nobody writes.</summary>
    Collect,
}
