using static Blobs.Tests.Distribution.Collection.Model.Scenarios.HostAt;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <content>What hosts do, apart from the steps of the requests.</content>
internal sealed partial class ScenarioModel
{
    // How a trace names the claim of an item, won and lost.
    private readonly (string Won, string Lost)[] _claimTitles;

    private void AddHost(in State state, int index, Successors<State> next)
    {
        switch (state.Hosts[index].At)
        {
            case Done:
                break;
            case Idle:
                AddClient(state, index, next);
                break;
            case CommitWaitForRun:
                AddWait(state, index, CommitReadCurrent, next);
                break;
            case PutWaitForRun:
                AddWait(state, index, PutWriteManifest, next);
                break;
            case PutWaitForRunAfterTag:
                AddWait(state, index, PutWriteTag, next);
                break;
            default:
                State after = state;
                ref Host host = ref after.Hosts[index];
                string outcome = host.At < PutCheckReachable
                    ? StepOfBlob(state, ref after, ref host)
                    : StepOfManifest(state, ref after, ref host, index);
                next.Add(MoveOf(state, index, outcome), after);
                AddCrash(state, index, next);
                break;
        }
    }

    private void AddClient(in State state, int index, Successors<State> next)
    {
        Host host = state.Hosts[index];
        ClientStep[] steps = _clients[index];
        if (host.ClientAt < steps.Length)
        {
            AddRequest(state, index, steps[host.ClientAt], next);
            return;
        }

        State after = state;
        if (host.ClientsLeft == 0)
        {
            after.Hosts[index].At = Done;
            after.Hosts[index].ClientAt = 0;
            next.Add(new Move(HostNames[index], "no client will come any more"), after);
            return;
        }

        after.Hosts[index].ClientsLeft--;
        for (byte first = 0; first < steps.Length; first++)
        {
            after.Hosts[index].ClientAt = first;
            next.Add(new Move(HostNames[index], "a client comes"), after);
        }
    }

    private void AddRequest(in State state, int index, ClientStep step, Successors<State> next)
    {
        State after = state;
        ref Host host = ref after.Hosts[index];
        host.Subject = (byte)step.Index;
        if (step.IsManifest)
        {
            host.At = PutCheckReachable;
            host.Index = 0;
            next.Add(new Move(HostNames[index], "a client sends a manifest", _manifests[step.Index].Name), after);
            return;
        }

        host.At = HeadReadLink;
        next.Add(new Move(HostNames[index], "a client asks whether the blob is there"), after);
        host.At = CommitReadCurrent;
        next.Add(new Move(HostNames[index], "a client commits an upload of the blob"), after);
    }

    // The run that has claimed what is at stake ends, or the host gives up before.
    private static void AddWait(in State state, int index, HostAt then, Successors<State> next)
    {
        Host waiting = state.Hosts[index];
        State after = state;
        if (state.Current.IsEnded || state.Current.Run != waiting.Read.Run)
        {
            after.Hosts[index].At = then;
            if (then == PutWriteTag)
            {
                after.Hosts[index].Read = state.Current;
            }

            next.Add(MoveOf(state, index, "it has ended"), after);
        }

        after = state;
        if (then == PutWriteTag)
        {
            after.Acknowledged &= (byte)~(1 << waiting.Subject);
        }

        Refuse(ref after.Hosts[index]);
        next.Add(MoveOf(state, index, "gives up: 503"), after);
    }

    // What the host was writing may arrive later, or never.
    private void AddCrash(in State state, int index, Successors<State> next)
    {
        if (state.HostCrashesLeft == 0)
        {
            return;
        }

        State after = state;
        after.HostCrashesLeft--;
        ref Host host = ref after.Hosts[index];
        Refuse(ref host);
        next.Add(MoveOf(state, index, "dies before it"), after);
        if (CellBeingWritten(state.Hosts[index]) is int cell && host.Late == 0)
        {
            host.Late = (byte)(cell + 1);
            host.LateTagHolds = _cells[cell].Kind == CellKind.Tag ? _manifests[host.Subject].TagValue : (byte)0;
            next.Add(MoveOf(state, index, "dies with it on its way"), after);
        }
    }

    private int? CellBeingWritten(in Host host) => host.At switch
    {
        HeadTouchLink or CommitWriteLink => _blobs[host.Subject].Link,
        CommitWriteData => _blobs[host.Subject].Data,
        PutWriteManifest => _manifests[host.Subject].Bytes,
        PutWriteRevision => _manifests[host.Subject].Revision,
        PutWriteTag => _manifests[host.Subject].Tag,
        _ => null,
    };

    private static void Answer(ref Host host) => Finish(ref host, clientAt: (byte)(host.ClientAt + 1));

    private static string Refuse(ref Host host)
    {
        Finish(ref host, Host.NoClient);
        return "refused";
    }

    private static void Finish(ref Host host, byte clientAt)
    {
        host.At = Idle;
        host.ClientAt = clientAt;
        host.Read = default;
        host.Index = 0;
        host.DeletedByUser = false;
    }

    private static bool Keeps(ref State after, int run, int item)
    {
        ref Claim claim = ref after.Claims[run - 1][item];
        claim = claim == Claim.Nobody ? Claim.Keep : claim;
        return claim == Claim.Keep;
    }

    private static Move MoveOf(in State state, int index, string outcome) =>
        new(HostNames[index], HostTitles[(int)state.Hosts[index].At], outcome);
}
