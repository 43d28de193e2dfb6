namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>What a collector does next.</summary>
internal enum CollectorAt : byte
{
    TakeLease,

    /// <summary>Reads one link or tag a step, and all bytes at the end.</summary>
    Mark,

    /// <summary>With <see cref="CollectionStep.WriteCondemned"/>, which nobody sees before.</summary>
    PublishCondemned,

    MarkAgain,

    /// <summary>Claims one item a step.</summary>
    ClaimDelete,

    /// <summary>
    /// Sends all DELETEs, which then happen in any order: links before data is not needed for safety.
    /// </summary>
    DeleteLinksAndData,

    EndRun,

    /// <summary>There is no such collector in this setting.</summary>
    Absent,
}
