namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>
/// What is done otherwise than the protocol says: naive variants show what its steps are for, sound ones that the code
/// may do the same with fewer requests.
/// </summary>
[Flags]
internal enum Variant
{
    None = 0,

    // ---- naive: each loses something ----

    /// <summary>Mark, then sweep, while others push: no list, no claims, no second look by anybody.</summary>
    MarkAndSweep = 1 << 0,

    /// <summary>The list is published, but nobody marks again after that.</summary>
    NoMarkAgain = 1 << 1,

    /// <summary>The second mark decides alone; collectors claim nothing.</summary>
    NoClaims = 1 << 2,

    /// <summary>A host writes <c>keep</c> over <c>delete</c>: a plain PUT instead of a create-once.</summary>
    KeepOverDelete = 1 << 3,

    /// <summary>DELETEs of a run still happen after another has taken over.</summary>
    NoFence = 1 << 4,

    /// <summary>A run ends while DELETEs of its own are on their way.</summary>
    EndsWithoutWaiting = 1 << 5,

    /// <summary>A PUT of a manifest looks before it writes the revision link, and not after.</summary>
    LooksBeforeRevision = 1 << 6,

    /// <summary>A PUT of a manifest does not check blob and links again after its claims.</summary>
    NoCheckAfterClaims = 1 << 7,

    /// <summary>A PUT of a manifest reads gc/current once, not before and after its checks.</summary>
    ReadsCurrentOnce = 1 << 8,

    /// <summary>A refused PUT of a manifest takes its revision link back.</summary>
    RefusedTakesBack = 1 << 9,

    /// <summary>Untagged manifests are collected, and the tag is written after the last look.</summary>
    TagAfterLastLook = 1 << 10,

    /// <summary>A commit writes the data before its first look.</summary>
    DataBeforeLook = 1 << 11,

    /// <summary>A commit does not read gc/current again after its writes.</summary>
    CommitLooksOnce = 1 << 12,

    /// <summary>A manifest whose blob is missing is kept for good.</summary>
    KeepsBroken = 1 << 13,

    // ---- sound: as the code does ----

    /// <summary>A commit writes only data that is not there.</summary>
    WritesOnlyMissingData = 1 << 14,

    /// <summary>A HEAD writes the link again only if it is still there, by compare-and-swap.</summary>
    TouchesOnlyPresentLink = 1 << 15,

    /// <summary>A PUT of a manifest that has lost the manifest's own claim waits for the end of the run, and writes it
    /// again.</summary>
    WaitsForOwnClaim = 1 << 16,

    /// <summary>A PUT of a manifest reads gc/current before its first check. When the look finds that no run has begun
    /// since, nothing can have been deleted, and what was checked need not be checked again.</summary>
    SkipsChecksWhenQuiet = 1 << 17,

    /// <summary>All that the code does otherwise.</summary>
    AsTheCode = WritesOnlyMissingData | TouchesOnlyPresentLink | WaitsForOwnClaim | SkipsChecksWhenQuiet,
}
