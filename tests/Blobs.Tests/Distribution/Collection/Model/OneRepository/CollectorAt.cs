namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>What a collector does next.</summary>
internal enum CollectorAt : byte
{
    TakeLease,

    MarkRevisions,
    MarkLinks,
    MarkBlobs,

    /// <summary>With <see cref="CollectionStep.WriteCondemned"/>, which nobody sees before.</summary>
    PublishCondemned,

    MarkAgainRevisions,
    MarkAgainLinks,
    MarkAgainBlobs,

    ClaimDeleteBlob,
    ClaimDeleteManifest,

    /// <summary>
    /// Sends all DELETEs, which then happen in any order: links before data is not needed for safety.
    /// </summary>
    DeleteLinksAndData,

    EndRun,

    /// <summary>There is no such collector in this setting.</summary>
    Absent,
}
