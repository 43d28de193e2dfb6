using static Blobs.Tests.Distribution.Collection.Model.Scenarios.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>PUT of a manifest.</content>
internal sealed partial class ScenarioModel
{
    private const string TaggedLater = "201, somebody tagged later";

    private string StepOfManifest(in State before, ref State after, ref Host host, int hostIndex)
    {
        Manifest manifest = _manifests[host.Subject];
        switch (host.At)
        {
            case PutCheckReachable:
                return CheckReachable(before, ref host, manifest, then: PutWriteManifest);
            case PutWriteManifest:
                Write(ref after.Stored, manifest.Bytes);
                host.At = PutWriteRevision;
                break;
            case PutWriteRevision:
                Write(ref after.Stored, manifest.Revision);
                host.DeletedByUser = false;
                host.At = PutReadCurrent;
                break;
            case PutReadCurrent:
                host.Read = before.Current;
                host.Index = 0;
                host.At = before.CondemnedNow.IsEmpty ? PutCheckRevision : PutClaimKeep;
                break;
            case PutClaimKeep:
                return ClaimKeep(before, ref after, ref host, manifest);
            case PutCheckRevision:
                host.At = !before.Has(manifest.Revision) || !before.Has(manifest.Bytes) ? PutWriteManifest
                    : manifest.Reaches.Length > 0 ? PutCheckReachableAgain
                    : PutReadCurrentAgain;
                break;
            case PutCheckReachableAgain:
                return CheckReachable(before, ref host, manifest, then: PutReadCurrentAgain);
            case PutReadCurrentAgain:
                if (before.Current != host.Read && !Is(Variant.ReadsCurrentOnce))
                {
                    host.At = PutReadCurrent;
                    return "changed, looks again";
                }

                if (manifest.Tag is null)
                {
                    return AcknowledgeManifest(ref after, ref host);
                }

                host.At = PutWriteTag;
                break;

            // From here on nothing is refused.
            case PutWriteTag:
                Write(ref after.Stored, manifest.Tag!.Value, manifest.TagValue);
                after.TagWriter = WriterOf(hostIndex);
                ForgetAcknowledgedUnder(ref after, manifest.Tag!.Value);
                if (Is(Variant.TagUnchecked))
                {
                    return AcknowledgeManifest(ref after, ref host);
                }

                host.At = PutReadCurrentAfterTag;
                break;
            case PutReadCurrentAfterTag:
                return ReadCurrentAfterTag(before, ref after, ref host, hostIndex);
            case PutClaimKeepAfterTag:
                return ClaimKeepAfterTag(before, ref after, ref host, manifest);
            case PutReadTag:
                if (before.Has(manifest.Tag!.Value) && before.Stored.TagHolds != manifest.TagValue)
                {
                    Answer(ref host);
                    return TaggedLater;
                }

                host.At = before.Has(manifest.Tag!.Value) ? PutReadCurrentAfterTag : PutWriteTag;
                break;
        }

        return "";
    }

    private string CheckReachable(in State before, ref Host host, Manifest manifest, HostAt then)
    {
        if (host.Index < manifest.Reaches.Length)
        {
            int cell = manifest.Reaches[host.Index];
            if (!before.Has(cell))
            {
                return Refuse(ref host);
            }

            host.Index++;
            if (host.Index < manifest.Reaches.Length)
            {
                return _cells[cell].Name;
            }
        }

        host.At = then;
        host.Index = 0;
        return manifest.Reaches.Length > 0 ? _cells[manifest.Reaches[^1]].Name : "nothing to ask for";
    }

    private string ClaimKeep(in State before, ref State after, ref Host host, Manifest manifest)
    {
        if (NextClaim(before, ref host, withTag: !Is(Variant.TagNotInLook)) is not int item)
        {
            host.At = PutCheckRevision;
            return "no more to claim";
        }

        if (Keeps(ref after, host.Read.Run, item))
        {
            return _claimTitles[item].Won;
        }

        // Itself and its tag can be written again once the run has ended; what others wrote cannot.
        if (Array.IndexOf(manifest.ReachesItems, item) >= 0)
        {
            Refuse(ref host);
        }
        else
        {
            host.At = PutWaitForRun;
            host.Index = 0;
        }

        return _claimTitles[item].Lost;
    }

    private string ReadCurrentAfterTag(in State before, ref State after, ref Host host, int hostIndex)
    {
        if (before.TagWriter != WriterOf(hostIndex))
        {
            Answer(ref host);
            return TaggedLater;
        }

        if (before.Current == host.Read)
        {
            return AcknowledgeManifest(ref after, ref host);
        }

        host.Read = before.Current;
        host.Index = 0;
        host.At = before.CondemnedNow.IsEmpty ? AfterLateLook : PutClaimKeepAfterTag;
        return "changed";
    }

    private string ClaimKeepAfterTag(in State before, ref State after, ref Host host, Manifest manifest)
    {
        if (NextClaim(before, ref host, withTag: true) is not int item)
        {
            host.At = AfterLateLook;
            return "no more to claim";
        }

        if (Keeps(ref after, host.Read.Run, item))
        {
            return _claimTitles[item].Won;
        }

        if (item == _cells[manifest.Tag!.Value].Item)
        {
            host.At = PutWaitForRunAfterTag;
            host.Index = 0;
        }
        else if (host.DeletedByUser)
        {
            Answer(ref host);
            return "lost to a user's deletion: 201, as if it came after";
        }
        else
        {
            after.LostAfterTag = true;
        }

        return _claimTitles[item].Lost;
    }

    private HostAt AfterLateLook => Is(Variant.TagNotReadAgain) ? PutReadCurrentAfterTag : PutReadTag;

    // One claim a step; null: none is left, and the place in the loop is forgotten.
    private int? NextClaim(in State before, ref Host host, bool withTag)
    {
        (int Item, Cells Concern)[] claims = _layout.Claims[host.Subject];
        int count = withTag || _manifests[host.Subject].Tag is null ? claims.Length : claims.Length - 1;
        Cells condemned = before.Condemned[host.Read.Run - 1];
        while (host.Index < count && !condemned.Overlaps(claims[host.Index].Concern))
        {
            host.Index++;
        }

        if (host.Index == count)
        {
            host.Index = 0;
            return null;
        }

        return claims[host.Index++].Item;
    }

    private static string AcknowledgeManifest(ref State after, ref Host host)
    {
        if (!host.DeletedByUser)
        {
            after.Acknowledged |= (byte)(1 << host.Subject);
        }

        Answer(ref host);
        return "201";
    }

    private static byte WriterOf(int hostIndex) => (byte)(hostIndex + 1);
}
