namespace Blobs.Transfer;

/// <summary>What became of a tag in a sync.</summary>
public enum SyncState
{
    /// <summary>The target has it, with the same manifest.</summary>
    Unchanged,

    /// <summary>The target did not have it.</summary>
    New,

    /// <summary>It named another manifest at the target.</summary>
    Updated,

    /// <summary>It could not be copied.</summary>
    Failed,
}
