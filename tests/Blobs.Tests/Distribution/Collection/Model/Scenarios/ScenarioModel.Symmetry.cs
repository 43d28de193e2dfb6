using static Blobs.Tests.Distribution.Collection.Model.Scenarios.CollectorAt;
using static Blobs.Tests.Distribution.Collection.Model.Scenarios.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>Which states behave alike. This decides how many states there are.</content>
internal sealed partial class ScenarioModel
{
    public void Canonicalize(ref State state)
    {
        // Bit r: somebody will still read the list or the claims of run r.
        int needed = state.Current.IsEnded ? 0 : 1 << state.Current.Run;
        foreach (ref Host host in state.Hosts)
        {
            needed |= Forget(ref host, state.Current);
        }

        foreach (ref Collector collector in state.Collectors)
        {
            needed |= Forget(ref collector, state, needed);
        }

        for (int run = 1; run <= _setting.Runs; run++)
        {
            if ((needed & (1 << run)) == 0)
            {
                state.Condemned[run - 1] = default;
                state.Claims[run - 1] = default;
            }
        }

        StateBytes.Sort(ref state.Collectors[0], ref state.Collectors[1]);
        if (_layout.Scenario.HostsAreAlike)
        {
            SortHosts(ref state);
        }
    }

    // Who wrote the tag last is swapped with them, or it would be somebody else.
    private static void SortHosts(ref State state)
    {
        int order = StateBytes.Compare(state.Hosts[0], state.Hosts[1]);
        if (order > 0)
        {
            (state.Hosts[0], state.Hosts[1]) = (state.Hosts[1], state.Hosts[0]);
        }

        state.TagWriter = (order, state.TagWriter) switch
        {
            ( > 0, 1) => 2,
            ( >= 0, 2) => 1,
            _ => state.TagWriter,
        };
    }

    private static int Forget(ref Host host, Generation current)
    {
        if (!IsAfterRevision(host) && host.At != Done)
        {
            host.DeletedByUser = false;
        }

        switch (host.At)
        {
            // It needs the run that it read.
            case HeadClaimKeep or CommitClaimKeep or CommitWaitForRun or CommitClaimKeepAgain:
            case PutClaimKeep or PutWaitForRun or PutClaimKeepAfterTag or PutWaitForRunAfterTag:
                return 1 << host.Read.Run;

            // It only asks whether gc/current is still the same.
            case CommitWriteData or CommitWriteLink or CommitReadCurrentAgain or CommitCheckData or CommitCheckLink:
            case PutCheckRevision or PutCheckReachableAgain or PutReadCurrentAgain:
            case PutWriteTag or PutReadCurrentAfterTag or PutReadTag:
                host.Read = host.Read == current ? current : Generation.Another;
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
        bool canOnlyFindOut = at == EndRun
            ? state.Deletes[collector.Run - 1].IsEmpty
            : !Is(Variant.NoFence) && (needed & run) == 0;
        if (isLate && canOnlyFindOut)
        {
            collector = default;
            return 0;
        }

        return at is >= MarkAgain and < EndRun ? run : 0;
    }
}
