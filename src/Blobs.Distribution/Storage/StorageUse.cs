namespace Blobs.Distribution.Storage;

/// <summary>Uses of a storage that need a lock.</summary>
public enum StorageUse
{
    /// <summary>Accepting pushes and deletions; any number of processes at once.</summary>
    Write = 0,

    /// <summary>Collecting garbage; one process, without writers.</summary>
    Collect,
}
