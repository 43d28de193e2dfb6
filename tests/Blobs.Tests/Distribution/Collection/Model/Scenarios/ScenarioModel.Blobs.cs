using static Blobs.Tests.Distribution.Collection.Model.Scenarios.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>HEAD and commit of a blob.</content>
internal sealed partial class ScenarioModel
{
    private string StepOfBlob(in State before, ref State after, ref Host host)
    {
        Blob blob = _blobs[host.Subject];
        bool isConcerned = before.CondemnedNow.Overlaps(blob.Cells);
        switch (host.At)
        {
            case HeadReadLink:
                host.At = !before.Has(blob.Link) ? CommitReadCurrent
                    : before.Stored.Young.Contains(blob.Link) ? HeadCheckData
                    : HeadTouchLink;
                break;
            case HeadTouchLink:
                Write(ref after.Stored, blob.Link);
                host.At = HeadReadCurrent;
                break;
            case HeadReadCurrent:
                host.Read = before.Current;
                host.At = isConcerned ? HeadClaimKeep : HeadCheckData;
                break;
            case HeadClaimKeep:
                return ClaimKeep(ref after, ref host, blob, won: HeadCheckData, lost: CommitReadCurrent);
            case HeadCheckData:
                if (before.Has(blob.Data))
                {
                    Answer(ref host);
                    return "200";
                }

                host.At = CommitReadCurrent;
                break;

            case CommitReadCurrent:
                host.Read = before.Current;
                host.At = isConcerned ? CommitClaimKeep : CommitWriteData;
                break;
            case CommitClaimKeep:
                return ClaimKeep(ref after, ref host, blob, won: CommitWriteData, lost: CommitWaitForRun);
            case CommitWriteData:
                Write(ref after.Stored, blob.Data);
                host.At = CommitWriteLink;
                break;
            case CommitWriteLink:
                Write(ref after.Stored, blob.Link);
                host.At = CommitReadCurrentAgain;
                break;
            case CommitReadCurrentAgain:
                if (before.Current == host.Read)
                {
                    return AcknowledgeBlob(before, ref after, ref host, blob);
                }

                host.Read = before.Current;
                host.At = isConcerned ? CommitClaimKeepAgain : CommitCheckData;
                return "changed";
            case CommitClaimKeepAgain:
                return ClaimKeep(ref after, ref host, blob, won: CommitCheckData, lost: CommitWaitForRun);
            case CommitCheckData:
                host.At = before.Has(blob.Data) ? CommitCheckLink : CommitReadCurrent;
                break;
            case CommitCheckLink:
                host.At = before.Has(blob.Link) ? CommitReadCurrentAgain : CommitReadCurrent;
                break;
        }

        return "";
    }

    private string ClaimKeep(ref State after, ref Host host, Blob blob, HostAt won, HostAt lost)
    {
        bool keeps = Keeps(ref after, host.Read.Run, blob.Item);
        host.At = keeps ? won : lost;
        return keeps ? _claimTitles[blob.Item].Won : _claimTitles[blob.Item].Lost;
    }

    private static string AcknowledgeBlob(in State before, ref State after, ref Host host, Blob blob)
    {
        after.BlobAcknowledged &= (byte)~(1 << blob.Repository);
        if (before.Stored.Young.Contains(blob.Link))
        {
            after.BlobAcknowledged |= (byte)(1 << blob.Repository);
        }

        Answer(ref host);
        return "201";
    }
}
