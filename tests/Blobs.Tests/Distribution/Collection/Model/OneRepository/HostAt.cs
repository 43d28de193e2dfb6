namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>What a host does next: the request that it serves, and the step.</summary>
internal enum HostAt : byte
{
    /// <summary>
    /// A client may come: it asks for the blob (HEAD) or commits an upload of it, and then sends the manifest (PUT).
    /// </summary>
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

    // Only where a quiet time is recognised.
    PutReadCurrentBefore,
    PutCheckReachableLinkBefore,

    PutCheckReachable,
    PutWriteManifest,
    PutWriteRevision,
    PutReadCurrent,
    PutClaimKeepBlob,
    PutClaimKeepManifest,
    PutWaitForRun,
    PutCheckRevision,
    PutCheckRevisionBytes,
    PutCheckReachableLink,
    PutCheckReachableData,
    PutWriteTag,
    PutReadCurrentAgain,

    /// <summary>
    /// No step of the protocol, but of one of its naive variants: a refused PUT deletes its revision link.
    /// </summary>
    PutTakesBack,

    /// <summary>No client will come any more.</summary>
    Done,
}
