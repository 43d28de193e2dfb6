namespace Blobs.Distribution.Storage;

/// <summary>What became of a deletion with a deadline.</summary>
public enum DeletionOutcome
{
    /// <summary>There was no answer, or one that does not tell: the deletion may still happen, until its
    /// deadline.</summary>
    Unknown = 0,

    /// <summary>The object does not exist any more, or did not exist.</summary>
    Deleted,

    /// <summary>The deadline had passed. Nothing was deleted, and nothing will be.</summary>
    Late,
}
