namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>A step of the protocol left out or done otherwise, to show what it is for.</summary>
internal enum Weakness : byte
{
    None,

    /// <summary>Mark, then sweep, while others push: no list, no claims, no second look by anybody.</summary>
    MarkAndSweep,

    /// <summary>The list is published, but nobody marks again after that.</summary>
    NoMarkAgain,

    /// <summary>The second mark decides alone; collectors claim nothing.</summary>
    NoClaims,

    /// <summary>A host writes <c>keep</c> over <c>delete</c>: a plain PUT instead of a create-once.</summary>
    KeepOverDelete,

    /// <summary>DELETEs of a run still happen after another has taken over.</summary>
    NoFence,

    /// <summary>A run ends while DELETEs of its own are on their way.</summary>
    EndsWithoutWaiting,

    /// <summary>A PUT of a manifest looks before it writes the revision link, and not after.</summary>
    LooksBeforeRevision,

    /// <summary>A PUT of a manifest does not check blob and links again after its claims.</summary>
    NoCheckAfterClaims,

    /// <summary>A PUT of a manifest reads gc/current once, not before and after its checks.</summary>
    ReadsCurrentOnce,

    /// <summary>A refused PUT of a manifest takes its revision link back.</summary>
    RefusedTakesBack,

    /// <summary>Untagged manifests are collected, and the tag is written after the last look.</summary>
    TagAfterLastLook,

    /// <summary>A commit writes the data before its first look.</summary>
    DataBeforeLook,

    /// <summary>A commit does not read gc/current again after its writes.</summary>
    CommitLooksOnce,

    /// <summary>A manifest whose blob is missing is kept for good.</summary>
    KeepsBroken,

    /// <summary>No weakness: a commit writes only data that is not there, as the code does.</summary>
    WritesOnlyMissingData,
}
