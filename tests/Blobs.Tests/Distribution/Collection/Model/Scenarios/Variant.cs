namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>
/// What is done otherwise than the protocol says: naive variants show what its steps are for, sound ones that the code may
/// do otherwise.
/// </summary>
internal enum Variant : byte
{
    None,

    // ---- naive: each loses something ----

    /// <summary>The list is published, but what a second mark finds is not heeded.</summary>
    NoMarkAgain,

    /// <summary>The second mark decides alone; collectors claim nothing.</summary>
    NoClaims,

    /// <summary>DELETEs of a run still happen after another has taken over.</summary>
    NoFence,

    /// <summary>A run ends while DELETEs of its own are on their way.</summary>
    EndsWithoutWaiting,

    /// <summary>A PUT of a manifest reads gc/current once, not before and after its checks.</summary>
    ReadsCurrentOnce,

    /// <summary>The look before the tag is written leaves the tag's own entry out.</summary>
    TagNotInLook,

    /// <summary>The 201 follows the writing of the tag at once.</summary>
    TagUnchecked,

    /// <summary>The tag is not read again after a run that came and went.</summary>
    TagNotReadAgain,

    // ---- sound ----

    /// <summary>A mark reads the layer links first.</summary>
    MarksLinksFirst,

    /// <summary>A mark reads everything in any order, a cell a step: the code reads several repositories at
    /// once.</summary>
    MarksInAnyOrder,
}
