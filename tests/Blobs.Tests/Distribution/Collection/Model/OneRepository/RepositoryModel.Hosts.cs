using static Blobs.Tests.Distribution.Collection.Model.OneRepository.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <content>What hosts do.</content>
internal sealed partial class RepositoryModel
{
    private void AddHost(in State state, int index, Successors<State> next)
    {
        switch (state.Hosts[index].At)
        {
            case Done:
                break;
            case Idle:
                AddClient(state, index, HeadReadLink, "a client asks whether the blob is there", next);
                AddClient(state, index, CommitReadCurrent, "a client commits an upload of the blob", next);
                break;
            case CommitWaitForRun:
                AddWait(state, index, CommitReadCurrent, next);
                break;
            case PutWaitForRun:
                AddWait(state, index, PutWriteManifest, next);
                break;
            default:
                State after = state;
                string outcome = Step(state, ref after, ref after.Hosts[index]);
                next.Add(MoveOf(state, index, outcome), after);
                AddHostCrash(state, index, next);
                break;
        }
    }

    private void AddClient(in State state, int index, HostAt first, string what, Successors<State> next)
    {
        if (state.Hosts[index].ClientsLeft == 0)
        {
            return;
        }

        State after = state;
        after.Hosts[index].At = first;
        after.Hosts[index].ClientsLeft--;
        if (first == CommitReadCurrent && Is(Variant.DataBeforeLook))
        {
            after.Put(Stored.Data);
        }

        next.Add(new Move(HostNames[index], what), after);
    }

    // The run that has claimed what is at stake ends, or the host gives up before.
    private static void AddWait(in State state, int index, HostAt then, Successors<State> next)
    {
        State after = state;
        if (state.Current.IsEnded || state.Current.Run != state.Hosts[index].Read.Run)
        {
            after.Hosts[index].At = then;
            next.Add(MoveOf(state, index, "it has ended"), after);
        }

        Refuse(ref after.Hosts[index]);
        next.Add(MoveOf(state, index, "gives up: 503"), after);
    }

    // What the host was writing may arrive later, or never.
    private static void AddHostCrash(in State state, int index, Successors<State> next)
    {
        if (state.HostCrashesLeft == 0)
        {
            return;
        }

        State after = state;
        after.HostCrashesLeft--;
        Finish(ref after.Hosts[index]);
        next.Add(MoveOf(state, index, "dies before it"), after);
        Stored late = state.Hosts[index].At switch
        {
            CommitWriteData => Stored.Data,
            CommitWriteLink or HeadTouchLink => Stored.Link,
            PutWriteManifest => Stored.Manifest,
            PutWriteRevision => Stored.Revision,
            PutWriteTag => Stored.Tag,
            _ => Stored.Nothing,
        };
        if (late != Stored.Nothing)
        {
            after.LateWrites |= late;
            next.Add(MoveOf(state, index, "dies with it on its way"), after);
        }
    }

    private string Step(in State before, ref State after, ref Host host) =>
        host.At < PutReadCurrentBefore ? StepOfBlob(before, ref after, ref host) : StepOfManifest(before, ref after, ref host);

    private string StepOfBlob(in State before, ref State after, ref Host host)
    {
        bool condemned = before.CondemnedNow.HasFlag(Item.Blob);
        switch (host.At)
        {
            case HeadReadLink:
                host.At = !before.Has(Stored.Link) ? CommitReadCurrent
                    : before.LinkIsYoung || Is(Variant.MarkAndSweep) ? HeadCheckData
                    : HeadTouchLink;
                break;
            case HeadTouchLink:
                if (Is(Variant.TouchesOnlyPresentLink) && !before.Has(Stored.Link))
                {
                    host.At = HeadReadLink;
                    return "it is gone";
                }

                after.Put(Stored.Link);
                host.At = HeadReadCurrent;
                break;
            case HeadReadCurrent:
                host.Read = before.Current;
                host.At = condemned ? HeadClaimKeep : HeadCheckData;
                break;
            case HeadClaimKeep:
                return ClaimKeep(ref after, ref host, Item.Blob, won: HeadCheckData, lost: CommitReadCurrent);
            case HeadCheckData:
                host.At = before.Has(Stored.Data) ? FirstOfPut : CommitReadCurrent;
                break;

            case CommitReadCurrent:
                host.Read = before.Current;
                host.At = condemned && !Is(Variant.MarkAndSweep) ? CommitClaimKeep : CommitWriteData;
                break;
            case CommitClaimKeep:
                return ClaimKeep(ref after, ref host, Item.Blob, won: CommitWriteData, lost: CommitWaitForRun);
            case CommitWriteData:
                if (!Is(Variant.DataBeforeLook) && !(Is(Variant.WritesOnlyMissingData) && before.Has(Stored.Data)))
                {
                    after.Put(Stored.Data);
                }

                host.At = CommitWriteLink;
                break;
            case CommitWriteLink:
                after.Put(Stored.Link);
                if (!Is(Variant.MarkAndSweep) && !Is(Variant.CommitLooksOnce))
                {
                    host.At = CommitReadCurrentAgain;
                    break;
                }

                return AcknowledgeBlob(ref after, ref host);
            case CommitReadCurrentAgain:
                if (before.Current == host.Read)
                {
                    return AcknowledgeBlob(ref after, ref host);
                }

                host.Read = before.Current;
                host.At = condemned ? CommitClaimKeepAgain : CommitCheckData;
                return "changed";
            case CommitClaimKeepAgain:
                return ClaimKeep(ref after, ref host, Item.Blob, won: CommitCheckData, lost: CommitWaitForRun);
            case CommitCheckData:
                host.At = before.Has(Stored.Data) ? CommitCheckLink : CommitReadCurrent;
                break;
            case CommitCheckLink:
                host.At = before.Has(Stored.Link) ? CommitReadCurrentAgain : CommitReadCurrent;
                break;
        }

        return "";
    }

    private string StepOfManifest(in State before, ref State after, ref Host host)
    {
        Item condemned = before.CondemnedNow;
        switch (host.At)
        {
            case PutReadCurrentBefore:
                host.Read = before.Current;
                host.At = PutCheckReachableLinkBefore;
                break;
            case PutCheckReachableLinkBefore:
                if (!before.Has(Stored.Link))
                {
                    return Refuse(ref host);
                }

                host.At = PutCheckReachable;
                break;
            case PutCheckReachable:
                if (!before.Has(Stored.Data))
                {
                    return Refuse(ref host);
                }

                host.At = Is(Variant.LooksBeforeRevision) ? PutReadCurrent : PutWriteManifest;
                break;
            case PutWriteManifest:
                after.Put(Stored.Manifest);
                host.At = PutWriteRevision;
                break;
            case PutWriteRevision:
                after.Put(Stored.Revision);
                host.DeletionsBefore = before.UserDeletions;
                if (Is(Variant.MarkAndSweep) || Is(Variant.LooksBeforeRevision))
                {
                    return AcknowledgeManifest(ref after, ref host);
                }

                host.At = PutReadCurrent;
                break;
            case PutReadCurrent:
                if (Is(Variant.SkipsChecksWhenQuiet) && before.Current == host.Read && before.Current.IsEnded)
                {
                    return AfterQuietTime(ref after, ref host);
                }

                host.Read = before.Current;
                host.At = condemned.HasFlag(Item.Blob) ? PutClaimKeepBlob
                    : condemned.HasFlag(Item.Manifest) ? PutClaimKeepManifest
                    : AfterLook;
                break;
            case PutClaimKeepBlob:
                // The list is that of the run that was read: it stays what it was.
                bool isNext = before.Condemned[host.Read.Run - 1].HasFlag(Item.Manifest);
                return ClaimKeep(ref after, ref host, Item.Blob, isNext ? PutClaimKeepManifest : AfterLook, lost: null);
            case PutClaimKeepManifest:
                HostAt? lost = Is(Variant.WaitsForOwnClaim) ? PutWaitForRun : null;
                return ClaimKeep(ref after, ref host, Item.Manifest, won: AfterLook, lost);
            case PutCheckRevision:
                return CheckRevision(ref host, before.Has(Stored.Revision), then: PutCheckRevisionBytes);
            case PutCheckRevisionBytes:
                return CheckRevision(ref host, before.Has(Stored.Manifest), then: PutCheckReachableLink);
            case PutCheckReachableLink:
                if (!before.Has(Stored.Link))
                {
                    return RefuseLate(ref host);
                }

                host.At = PutCheckReachableData;
                break;
            case PutCheckReachableData:
                if (!before.Has(Stored.Data))
                {
                    return RefuseLate(ref host);
                }

                host.At = Is(Variant.LooksBeforeRevision) ? PutWriteManifest
                    : setting.Untagged && !Is(Variant.TagAfterLastLook) ? PutWriteTag
                    : PutReadCurrentAgain;
                break;
            case PutWriteTag:
                after.Put(Stored.Tag);
                if (Is(Variant.TagAfterLastLook))
                {
                    return AcknowledgeManifest(ref after, ref host);
                }

                host.At = PutReadCurrentAgain;
                break;
            case PutReadCurrentAgain:
                if (before.Current != host.Read && !Is(Variant.ReadsCurrentOnce))
                {
                    host.At = PutReadCurrent;
                    return "changed, looks again";
                }

                if (Is(Variant.TagAfterLastLook))
                {
                    host.At = PutWriteTag;
                    break;
                }

                return AcknowledgeManifest(ref after, ref host);
            case PutTakesBack:
                after.Delete(Stored.Revision);
                Finish(ref host);
                break;
        }

        return "";
    }

    private HostAt FirstOfPut => Is(Variant.SkipsChecksWhenQuiet) ? PutReadCurrentBefore : PutCheckReachable;

    private HostAt AfterLook => Is(Variant.NoCheckAfterClaims) ? PutReadCurrentAgain : PutCheckRevision;

    // Revision link or bytes are gone: both are written again, and then nothing is skipped.
    private static string CheckRevision(ref Host host, bool isThere, HostAt then)
    {
        host.At = isThere ? then : PutWriteManifest;
        host.Read = isThere ? host.Read : Generation.Another;
        return isThere ? "" : "gone";
    }

    private string AfterQuietTime(ref State after, ref Host host)
    {
        if (!setting.Untagged)
        {
            return AcknowledgeManifest(ref after, ref host);
        }

        host.At = PutWriteTag;
        return "unchanged";
    }

    // A create-once: reading it back tells who was first. Where a lost claim leads nowhere, the PUT is refused.
    private string ClaimKeep(ref State after, ref Host host, Item item, HostAt won, HostAt? lost)
    {
        int run = host.Read.Run - 1;
        ref Claim claim = ref item == Item.Blob ? ref after.BlobClaims[run] : ref after.ManifestClaims[run];
        if (claim == Claim.Nobody || Is(Variant.KeepOverDelete))
        {
            claim = Claim.Keep;
        }

        if (claim == Claim.Keep)
        {
            host.At = won;
            return "";
        }

        if (lost is not HostAt there)
        {
            RefuseLate(ref host);
            return "lost, refused";
        }

        host.At = there;
        return "lost";
    }

    private string AcknowledgeBlob(ref State after, ref Host host)
    {
        after.BlobAcknowledged = after.LinkIsYoung;
        host.At = FirstOfPut;
        return "201";
    }

    // A user who deleted the manifest meanwhile: any outcome is right, and the 201 counts as one from before.
    private static string AcknowledgeManifest(ref State after, ref Host host)
    {
        after.ManifestAcknowledged |= after.UserDeletions == host.DeletionsBefore;
        Finish(ref host);
        return "201";
    }

    private string RefuseLate(ref Host host)
    {
        string outcome = Refuse(ref host);
        if (Is(Variant.RefusedTakesBack))
        {
            host.At = PutTakesBack;
        }

        return outcome;
    }

    private static string Refuse(ref Host host)
    {
        Finish(ref host);
        return "refused";
    }

    private static void Finish(ref Host host) =>
        host = new Host { At = host.ClientsLeft > 0 ? Idle : Done, ClientsLeft = host.ClientsLeft };

    private static Move MoveOf(in State state, int index, string outcome) =>
        new(HostNames[index], HostTitles[(int)state.Hosts[index].At], outcome);
}
