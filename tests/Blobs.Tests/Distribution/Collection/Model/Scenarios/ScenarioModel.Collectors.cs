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

        if (before.At is Mark or MarkAgain)
        {
            AddMark(state, index, next);
        }
        else
        {
            State after = state;
            string outcome = Step(state, ref after, ref after.Collectors[index]);
            next.Add(MoveOf(index, before, outcome), after);
        }

        AddCollectorCrash(state, index, next);
    }

    private static void AddCollectorCrash(in State state, int index, Successors<State> next)
    {
        if (state.CollectorCrashesLeft > 0)
        {
            State after = state;
            after.CollectorCrashesLeft--;
            after.Collectors[index] = default;
            next.Add(MoveOf(index, state.Collectors[index], "dies before it"), after);
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
        collector.HasRead = collector.NextItem = 0;
        collector.Found = default;
    }

    private void AddMark(in State state, int index, Successors<State> next)
    {
        Collector before = state.Collectors[index];
        int all = (1 << _layout.MarkOrder.Length) - 1;
        for (int place = 0; place < _layout.MarkOrder.Length; place++)
        {
            int bit = 1 << place;
            if ((before.HasRead & bit) != 0)
            {
                continue;
            }

            State after = state;
            ref Collector collector = ref after.Collectors[index];
            collector.HasRead |= (byte)bit;
            Read(state.Stored, ref collector.Found, _layout.MarkOrder[place].Cells);
            if (collector.HasRead == all)
            {
                FinishMark(ref collector);
            }

            next.Add(MoveOf(index, before, _layout.MarkOrder[place].Name), after);
            if (!Is(Variant.MarksInAnyOrder))
            {
                return;
            }
        }
    }

    private void Read(in Stored stored, ref Stored found, Cells cells)
    {
        found.Present |= stored.Present & cells;
        found.Young |= stored.Young & cells;
        if (_layout.Tags.Overlaps(cells))
        {
            found.TagHolds = stored.TagHolds;
        }
    }

    private void FinishMark(ref Collector collector)
    {
        bool isFirst = collector.At == Mark;
        collector.Candidates = isFirst ? NotNeeded(collector.Found)
            : Is(Variant.NoMarkAgain) ? collector.Candidates
            : StillNotNeeded(collector);
        Go(ref collector, collector.Candidates.IsEmpty ? EndRun : isFirst ? PublishCondemned : AfterMarks);
    }

    // One item a step. An entry goes as a whole or not at all.
    private string StepOfClaims(ref PerItem<Claim> claims, ref Collector collector)
    {
        int item = collector.NextItem;
        while (item < _layout.ItemCells.Length && !collector.Candidates.Overlaps(_layout.ItemCells[item]))
        {
            item++;
        }

        if (item == _layout.ItemCells.Length)
        {
            Go(ref collector, collector.Candidates.IsEmpty ? EndRun : DeleteLinksAndData);
            return "no more to claim";
        }

        collector.NextItem = (byte)(item + 1);
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
