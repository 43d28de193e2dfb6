using static Blobs.Tests.Distribution.Collection.Model.Scenarios.CollectorAt;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>What collectors do.</content>
internal sealed partial class ScenarioModel
{
    private void AddCollector(in State state, int index, Successors<State> next)
    {
        Collector before = state.Collectors[index];
        if (before.At == Absent)
        {
            return;
        }

        if (before.At == TakeLease)
        {
            AddLease(state, index, next);
            return;
        }

        // A run ends once all its DELETEs are answered.
        if (before.At == EndRun && !state.Deletes[before.Run - 1].IsEmpty && !Is(Variant.EndsWithoutWaiting))
        {
            return;
        }

        State after = state;
        string outcome = Step(state, ref after, ref after.Collectors[index]);
        next.Add(MoveOf(index, before, outcome), after);
        if (state.CollectorCrashesLeft > 0)
        {
            after = state;
            after.CollectorCrashesLeft--;
            after.Collectors[index] = default;
            next.Add(MoveOf(index, before, "dies before it"), after);
        }
    }

    // A lease has no length: whoever wants may take over.
    private void AddLease(in State state, int index, Successors<State> next)
    {
        if (state.Current.Run == _setting.Runs)
        {
            return;
        }

        int run = state.Current.Run + 1;
        State after = state;
        after.Current = Generation.Marking(run);
        after.Collectors[index] = new Collector { At = Mark, Run = (byte)run };
        string title = CollectorTitles[(int)TakeLease];
        next.Add(new Move(CollectorNames[index], title, state.Current.IsEnded ? "begins" : "takes over", run), after);
    }

    private string Step(in State before, ref State after, ref Collector collector)
    {
        int run = collector.Run;
        switch (collector.At)
        {
            case Mark:
                if (!Read(before.Stored, ref collector, out string marked))
                {
                    collector.Candidates = NotNeeded(collector.Found);
                    Go(ref collector, collector.Candidates.IsEmpty ? EndRun : PublishCondemned);
                }

                return marked;
            case PublishCondemned:
                if (before.Current != Generation.Marking(run))
                {
                    collector = default;
                    return "lost, stops";
                }

                after.Current = Generation.Condemned(run);
                after.Condemned[run - 1] = collector.Candidates;
                Go(ref collector, MarkAgain);
                break;
            case MarkAgain:
                if (!Read(before.Stored, ref collector, out string markedAgain))
                {
                    collector.Candidates = Is(Variant.NoMarkAgain) ? collector.Candidates : StillNotNeeded(collector);
                    Go(ref collector, collector.Candidates.IsEmpty ? EndRun : AfterMarks);
                }

                return markedAgain;
            case ClaimDelete:
                return StepOfClaims(ref after.Claims[run - 1], ref collector);
            case DeleteLinksAndData:
                after.Deletes[run - 1] = collector.Candidates;
                collector.Candidates = default;
                Go(ref collector, EndRun);
                return "sent";
            case EndRun:
                if (before.Current.Run == run && !before.Current.IsEnded)
                {
                    after.Current = Generation.Ended(run);
                }

                collector = default;
                break;
        }

        return "";
    }

    private CollectorAt AfterMarks => Is(Variant.NoClaims) ? DeleteLinksAndData : ClaimDelete;

    private static void Go(ref Collector collector, CollectorAt next)
    {
        collector.At = next;
        collector.Index = 0;
        collector.Found = default;
    }

    // One cell a step, and then all bytes at once. False: that was the last.
    private bool Read(in Stored stored, ref Collector collector, out string what)
    {
        if (collector.Index == _layout.MarkOrder.Length)
        {
            collector.Found.Present |= stored.Present & _layout.AllBytes;
            what = "bytes";
            return false;
        }

        int cell = _layout.MarkOrder[collector.Index++];
        collector.Found.Present |= stored.Present & Cells.Of(cell);
        collector.Found.Young |= stored.Young & Cells.Of(cell);
        if (_layout.Tags.Contains(cell))
        {
            collector.Found.TagHolds = stored.TagHolds;
        }

        what = _cells[cell].Name;
        return true;
    }

    // One item a step. An entry goes as a whole or not at all.
    private string StepOfClaims(ref PerItem<Claim> claims, ref Collector collector)
    {
        int item = collector.Index;
        while (item < _layout.ItemCells.Length && !collector.Candidates.Overlaps(_layout.ItemCells[item]))
        {
            item++;
        }

        if (item == _layout.ItemCells.Length)
        {
            Go(ref collector, collector.Candidates.IsEmpty ? EndRun : DeleteLinksAndData);
            return "no more to claim";
        }

        collector.Index = (byte)(item + 1);
        if (claims[item] == Claim.Keep)
        {
            collector.Candidates &= ~_layout.ItemCells[item];
            return _claimTitles[item].Lost;
        }

        claims[item] = Claim.Delete;
        return _claimTitles[item].Won;
    }

    private Cells StillNotNeeded(in Collector collector)
    {
        Cells now = NotNeeded(collector.Found);
        Cells still = default;
        foreach (Cells item in _layout.ItemCells)
        {
            Cells condemned = collector.Candidates & item;
            still |= now.ContainsAll(condemned) ? condemned : default;
        }

        return still;
    }

    private static Move MoveOf(int index, in Collector collector, string outcome) =>
        new(CollectorNames[index], CollectorTitles[(int)collector.At], outcome, collector.Run);
}
