namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>What a host does next: the request that it serves, and the step.</summary>
internal enum HostAt : byte
{
    /// <summary>The client sends its next request, or a new one comes.</summary>
    Idle,

    HeadReadLink,
    HeadTouchLink,
    HeadReadCurrent,
    HeadClaimKeep,
    HeadCheckData,

    CommitReadCurrent,
    CommitClaimKeep,
    CommitWaitForRun,
    CommitWriteData,
    CommitWriteLink,
    CommitReadCurrentAgain,
    CommitClaimKeepAgain,
    CommitCheckData,
    CommitCheckLink,

    PutCheckReachable,
    PutWriteManifest,
    PutWriteRevision,
    PutReadCurrent,
    PutClaimKeep,
    PutWaitForRun,
    PutCheckRevision,
    PutCheckReachableAgain,
    PutReadCurrentAgain,
    PutWriteTag,
    PutReadCurrentAfterTag,
    PutClaimKeepAfterTag,
    PutReadTag,
    PutWaitForRunAfterTag,

    /// <summary>No client will come any more.</summary>
    Done,
}
