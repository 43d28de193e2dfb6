using static Blobs.Tests.Distribution.Collection.Model.OneRepository.CollectorAt;

namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <content>What collectors do.</content>
internal sealed partial class RepositoryModel
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
        if (before.At == EndRun && state.Deletes[before.Run - 1] != Stored.Nothing && !Is(Variant.EndsWithoutWaiting))
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
        if (state.Current.Run == setting.Runs)
        {
            return;
        }

        int run = state.Current.Run + 1;
        State after = state;
        after.Current = Generation.Marking(run);
        after.Collectors[index] = new Collector { At = MarkRevisions, Run = (byte)run };
        string title = CollectorTitles[(int)TakeLease];
        next.Add(new Move(CollectorNames[index], title, state.Current.IsEnded ? "begins" : "takes over", run), after);
    }

    private string Step(in State before, ref State after, ref Collector collector)
    {
        int run = collector.Run;
        switch (collector.At)
        {
            case MarkRevisions or MarkAgainRevisions:
                collector.Found = before.Stored & (Stored.Revision | Stored.Tag);
                collector.At++;
                break;
            case MarkLinks or MarkAgainLinks:
                collector.Found |= before.Stored & Stored.Link;
                collector.FoundYoungLink = before.LinkIsYoung;
                collector.At++;
                break;
            case MarkBlobs:
                collector.Candidates = NotNeeded(FoundBy(collector, before), collector.FoundYoungLink);
                Go(ref collector, Is(Variant.MarkAndSweep) ? DeleteLinksAndData : PublishCondemned);
                break;
            case MarkAgainBlobs:
                collector.Candidates &= NotNeeded(FoundBy(collector, before), collector.FoundYoungLink);
                Go(ref collector, Is(Variant.NoClaims) ? DeleteLinksAndData : ClaimDeleteBlob);
                break;
            case PublishCondemned:
                if (before.Current != Generation.Marking(run))
                {
                    collector = default;
                    return "lost, stops";
                }

                after.Current = Generation.Condemned(run);
                after.Condemned[run - 1] = collector.Candidates;
                collector.At = Is(Variant.NoMarkAgain) ? ClaimDeleteBlob : MarkAgainRevisions;
                break;
            case ClaimDeleteBlob:
                collector.At = ClaimDeleteManifest;
                return ClaimDelete(ref after.BlobClaims[run - 1], ref collector, Item.Blob);
            case ClaimDeleteManifest:
                string outcome = ClaimDelete(ref after.ManifestClaims[run - 1], ref collector, Item.Manifest);
                collector.At = collector.Candidates == Item.None ? EndRun : DeleteLinksAndData;
                return outcome;
            case DeleteLinksAndData:
                after.Deletes[run - 1] = PartsOf(collector.Candidates);
                collector.At = EndRun;
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

    // The mark is done with; without candidates so is the run.
    private static void Go(ref Collector collector, CollectorAt next)
    {
        collector.At = collector.Candidates == Item.None ? EndRun : next;
        collector.Found = Stored.Nothing;
        collector.FoundYoungLink = false;
    }

    private static Stored FoundBy(in Collector collector, in State now) =>
        collector.Found | (now.Stored & (Stored.Data | Stored.Manifest));

    private static string ClaimDelete(ref Claim claim, ref Collector collector, Item item)
    {
        if (!collector.Candidates.HasFlag(item))
        {
            return "nothing to claim";
        }

        if (claim == Claim.Keep)
        {
            collector.Candidates &= ~item;
            return "lost, somebody keeps it";
        }

        claim = Claim.Delete;
        return "";
    }

    /// <summary>What a mark finds that nothing needs.</summary>
    private Item NotNeeded(Stored found, bool linkIsYoung)
    {
        bool isRoot = found.HasFlag(Stored.Revision) && (found.HasFlag(Stored.Tag) || !setting.Untagged);
        if (isRoot)
        {
            return found.HasFlag(Stored.Image) || Is(Variant.KeepsBroken) ? Item.None : Item.Manifest;
        }

        Item manifest = (found & (Stored.Revision | Stored.Manifest)) != 0 ? Item.Manifest : Item.None;
        Item blob = !linkIsYoung && (found & (Stored.Link | Stored.Data)) != 0 ? Item.Blob : Item.None;
        return manifest | blob;
    }

    private static Stored PartsOf(Item items) =>
        (items.HasFlag(Item.Blob) ? Stored.Link | Stored.Data : Stored.Nothing)
        | (items.HasFlag(Item.Manifest) ? Stored.Revision | Stored.Manifest : Stored.Nothing);

    private static Move MoveOf(int index, in Collector collector, string outcome) =>
        new(CollectorNames[index], CollectorTitles[(int)collector.At], outcome, collector.Run);
}
