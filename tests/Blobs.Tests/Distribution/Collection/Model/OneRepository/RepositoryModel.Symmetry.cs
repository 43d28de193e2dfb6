using static Blobs.Tests.Distribution.Collection.Model.OneRepository.CollectorAt;
using static Blobs.Tests.Distribution.Collection.Model.OneRepository.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <content>
/// Which states behave alike: hosts are interchangeable, so are collectors, and what nobody will read again is
/// forgotten. This decides how many states there are.
/// </content>
internal sealed partial class RepositoryModel
{
    public void Canonicalize(ref State state)
    {
        // Bit r: somebody will still read the list or the claims of run r.
        int needed = state.Current.IsEnded ? 0 : 1 << state.Current.Run;
        foreach (ref Host host in state.Hosts)
        {
            needed |= Forget(ref host, state);
        }

        foreach (ref Collector collector in state.Collectors)
        {
            needed |= Forget(ref collector, state, needed);
        }

        for (int run = 1; run <= setting.Runs; run++)
        {
            if ((needed & (1 << run)) == 0)
            {
                state.Condemned[run - 1] = Item.None;
                state.BlobClaims[run - 1] = state.ManifestClaims[run - 1] = Claim.Nobody;
            }
        }

        StateBytes.Sort(ref state.Hosts[0], ref state.Hosts[1]);
        StateBytes.Sort(ref state.Collectors[0], ref state.Collectors[1]);
    }

    private int Forget(ref Host host, in State state)
    {
        if (host.At is < PutReadCurrent or PutWaitForRun or > PutReadCurrentAgain)
        {
            host.DeletionsBefore = 0;
        }
        else if (host.DeletionsBefore != state.UserDeletions)
        {
            host.DeletionsBefore = byte.MaxValue;
        }

        switch (host.At)
        {
            // It needs the run that it read.
            case HeadClaimKeep or CommitClaimKeep or CommitWaitForRun or CommitClaimKeepAgain:
            case PutClaimKeepBlob or PutClaimKeepManifest or PutWaitForRun:
                return 1 << host.Read.Run;

            // It only asks whether gc/current is still the same.
            case CommitWriteData or CommitWriteLink or CommitReadCurrentAgain or CommitCheckData or CommitCheckLink:
            case PutCheckRevision or PutCheckRevisionBytes or PutCheckReachableLink or PutCheckReachableData:
            case PutWriteTag or PutReadCurrentAgain:
            case >= PutCheckReachableLinkBefore and <= PutReadCurrent when Is(Variant.SkipsChecksWhenQuiet):
                host.Read = host.Read == state.Current ? host.Read : Generation.Another;
                return 0;

            default:
                host.Read = default;
                return 0;
        }
    }

    private int Forget(ref Collector collector, in State state, int needed)
    {
        CollectorAt at = collector.At;
        if (at is TakeLease or Absent)
        {
            return 0;
        }

        int run = 1 << collector.Run;
        bool isLate = collector.Run != state.Current.Run;
        bool canOnlyFindOut = at <= PublishCondemned
            || (at == EndRun && state.Deletes[collector.Run - 1] == Stored.Nothing)
            || (at < EndRun && !Is(Variant.NoFence) && (needed & run) == 0);
        if (isLate && canOnlyFindOut)
        {
            collector = default;
            return 0;
        }

        if (at == EndRun)
        {
            collector.Candidates = Item.None;
            return 0;
        }

        return at > PublishCondemned ? run : 0;
    }
}
