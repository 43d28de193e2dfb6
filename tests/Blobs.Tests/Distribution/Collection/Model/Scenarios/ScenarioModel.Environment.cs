using static Blobs.Tests.Distribution.Collection.Model.Scenarios.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>What happens without hosts and collectors, at any time and in any order.</content>
internal sealed partial class ScenarioModel
{
    private const string Store = "store";
    private const string Time = "time";

    private void AddEnvironment(in State state, Successors<State> next)
    {
        for (int run = 1; run <= _setting.Runs; run++)
        {
            AddDeletes(state, run, next);
        }

        for (int index = 0; index < HostNames.Length; index++)
        {
            AddLateWrite(state, index, next);
        }

        for (int cell = 0; cell < _cells.Length; cell++)
        {
            if (state.Stored.Young.Contains(cell))
            {
                AddAge(state, cell, next);
            }
        }

        AddUser(state, next);
    }

    // The fence: once a later run has begun, DELETEs of earlier ones are refused.
    private void AddDeletes(in State state, int run, Successors<State> next)
    {
        Cells sent = state.Deletes[run - 1];
        bool isFenced = state.Current.Run > run && !Is(Variant.NoFence);
        for (int cell = 0; cell < _cells.Length; cell++)
        {
            if (!sent.Contains(cell))
            {
                continue;
            }

            State after = state;
            after.Deletes[run - 1] = sent.Without(cell);
            if (!isFenced)
            {
                Delete(ref after.Stored, Cells.Of(cell));
            }

            string step = _cells[cell].Kind == CellKind.Bytes ? nameof(CollectionStep.DeleteData) : nameof(CollectionStep.DeleteLinks);
            next.Add(new Move(Store, step, isFenced ? _cells[cell].RefusedName : _cells[cell].Name, run), after);
        }
    }

    private void AddLateWrite(in State state, int index, Successors<State> next)
    {
        Host host = state.Hosts[index];
        if (host.Late == 0)
        {
            return;
        }

        State after = state;
        ApplyLateWrite(ref after.Stored, host);
        after.Hosts[index].Late = after.Hosts[index].LateTagHolds = 0;
        if (host.LateTagHolds != 0)
        {
            after.TagWriter = byte.MaxValue;
            ForgetAcknowledgedUnder(ref after, host.Late - 1);
        }

        next.Add(new Move(Store, "a write of a dead host arrives", _cells[host.Late - 1].Name), after);
    }

    private void ApplyLateWrite(ref Stored stored, in Host host)
    {
        if (host.Late != 0)
        {
            Write(ref stored, host.Late - 1, host.LateTagHolds);
        }
    }

    private void AddAge(in State state, int cell, Successors<State> next)
    {
        State after = state;
        after.Stored.Young = state.Stored.Young.Without(cell);
        switch (_cells[cell].Kind)
        {
            case CellKind.LayerLink:
                after.BlobAcknowledged &= (byte)~(1 << _cells[cell].Repository);
                break;
            case CellKind.RevisionLink when _setting.Untagged && !IsBeingPushed(state, cell):
                ForgetUntagged(ref after, cell);
                break;
            case CellKind.Tag when _setting.Retention && !IsBeingTagged(state):
                ForgetAcknowledgedUnder(ref after, cell);
                break;
            default:
                return;
        }

        next.Add(new Move(Time, "something grows old", _cells[cell].Name), after);
    }

    // A manifest without a tag is safe only while its revision link is young.
    private void ForgetUntagged(ref State state, int revision)
    {
        for (int index = 0; index < _manifests.Length; index++)
        {
            if (_manifests[index].Revision == revision && _manifests[index].Tag is null)
            {
                state.Acknowledged &= (byte)~(1 << index);
            }
        }
    }

    private bool IsBeingPushed(in State state, int revision)
    {
        foreach (ref readonly Host host in state.Hosts)
        {
            bool hasWritten = IsAfterRevision(host) && _manifests[host.Subject].Revision == revision;
            bool isOnItsWay = host.Late != 0 && (host.Late - 1 == revision || host.LateTagHolds != 0);
            if (hasWritten || isOnItsWay)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBeingTagged(in State state)
    {
        foreach (ref readonly Host host in state.Hosts)
        {
            if (host.At is >= PutWriteTag and <= PutWaitForRunAfterTag || host.Late != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAfterRevision(in Host host) => host.At is >= PutReadCurrent and <= PutWaitForRunAfterTag;

    private void AddUser(in State state, Successors<State> next)
    {
        if (state.UserDeletions == _setting.UserDeletions)
        {
            return;
        }

        for (int index = 0; index < _manifests.Length; index++)
        {
            if (state.Has(_manifests[index].Revision))
            {
                State after = state;
                after.UserDeletions++;
                DeleteByUser(ref after, index);
                next.Add(new Move("user", "deletes a manifest", _manifests[index].Name), after);
            }
        }
    }

    // The revision link goes, and the tags that name it. What needs it is broken by the user's own will.
    private void DeleteByUser(ref State state, int deleted)
    {
        Cells revision = Cells.Of(_manifests[deleted].Revision);
        Delete(ref state.Stored, IsTagged(state.Stored, _manifests[deleted]) ? revision | _layout.Tags : revision);
        for (int index = 0; index < _manifests.Length; index++)
        {
            if (Needs(index, revision))
            {
                state.Acknowledged &= (byte)~(1 << index);
            }
        }

        foreach (ref Host host in state.Hosts)
        {
            host.DeletedByUser |= IsAfterRevision(host) && Needs(host.Subject, revision);
        }
    }

    private bool Needs(int manifest, Cells revision) =>
        Cells.Of(_manifests[manifest].Revision) == revision || _layout.Reached[manifest].ContainsAll(revision);
}
