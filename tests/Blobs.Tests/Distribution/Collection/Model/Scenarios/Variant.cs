namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>A step of the protocol left out or done otherwise, to show what it is for.</summary>
internal enum Variant : byte
{
    None,

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

    /// <summary>No weakness: a mark reads the layer links first.</summary>
    MarksLinksFirst,
}
