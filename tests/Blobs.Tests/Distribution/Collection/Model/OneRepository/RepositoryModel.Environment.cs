namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <content>What happens without hosts and collectors, at any time and in any order.</content>
internal sealed partial class RepositoryModel
{
    private const string Store = "store";

    // What happens to each key, in words.
    private static readonly (Stored Part, string Write, string Delete)[] Parts =
    [
        (Stored.Link, "WriteLink of a dead host arrives", "DeleteLinks: link"),
        (Stored.Data, "WriteData of a dead host arrives", "DeleteData: data"),
        (Stored.Revision, "WriteRevision of a dead host arrives", "DeleteLinks: revision link"),
        (Stored.Manifest, "WriteManifest of a dead host arrives", "DeleteData: manifest"),
        (Stored.Tag, "WriteTag of a dead host arrives", ""),
    ];

    private void AddEnvironment(in State state, Successors<State> next)
    {
        foreach ((Stored part, string write, string delete) in Parts)
        {
            AddDeletes(state, part, delete, next);
            AddLateWrite(state, part, write, next);
        }

        AddTime(state, next);
        AddUser(state, next);
    }

    // The fence: once a later run has begun, DELETEs of earlier ones are refused.
    private void AddDeletes(in State state, Stored part, string what, Successors<State> next)
    {
        for (int run = 1; run <= setting.Runs; run++)
        {
            if (!state.Deletes[run - 1].HasFlag(part))
            {
                continue;
            }

            bool isFenced = state.Current.Run > run && !Is(Weakness.NoFence);
            State after = state;
            after.Deletes[run - 1] &= ~part;
            if (!isFenced)
            {
                after.Delete(part);
            }

            next.Add(new Move(Store, what, isFenced ? "refused: a later run has begun" : "", run), after);
        }
    }

    private static void AddLateWrite(in State state, Stored part, string what, Successors<State> next)
    {
        if (state.LateWrites.HasFlag(part))
        {
            State after = state;
            after.LateWrites &= ~part;
            after.Put(part);
            next.Add(new Move(Store, what), after);
        }
    }

    private static void AddTime(in State state, Successors<State> next)
    {
        if (state.LinkIsYoung)
        {
            State after = state;
            after.LinkIsYoung = after.BlobAcknowledged = false;
            next.Add(new Move("time", "the link grows old"), after);
        }
    }

    private void AddUser(in State state, Successors<State> next)
    {
        if (!state.Has(Stored.Revision) || state.UserDeletions == setting.UserDeletions)
        {
            return;
        }

        AddDeletion(state, Stored.Revision | Stored.Tag, "deletes the manifest", next);
        if (state.Has(Stored.Tag))
        {
            AddDeletion(state, Stored.Tag, "deletes the tag", next);
        }
    }

    private static void AddDeletion(in State state, Stored parts, string what, Successors<State> next)
    {
        State after = state;
        after.Delete(parts);
        after.ManifestAcknowledged = false;
        after.UserDeletions++;
        next.Add(new Move("user", what), after);
    }
}
