namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <content>What happens without hosts and collectors, at any time and in any order.</content>
internal sealed partial class RepositoryModel
{
    private const string Store = "store";

    private static readonly Key[] Keys =
    [
        new(Stored.Link, "the link", nameof(CollectionStep.WriteLink), nameof(CollectionStep.DeleteLinks)),
        new(Stored.Data, "the data", nameof(CollectionStep.WriteData), nameof(CollectionStep.DeleteData)),
        new(Stored.Revision, "the revision link", nameof(CollectionStep.WriteRevision), nameof(CollectionStep.DeleteLinks)),
        new(Stored.Manifest, "the bytes", nameof(CollectionStep.WriteManifest), nameof(CollectionStep.DeleteData)),
        new(Stored.Tag, "the tag", nameof(CollectionStep.WriteTag), nameof(CollectionStep.DeleteLinks)),
    ];

    private void AddEnvironment(in State state, Successors<State> next)
    {
        foreach (Key key in Keys)
        {
            AddDeletes(state, key, next);
            AddLateWrite(state, key, next);
        }

        AddTime(state, next);
        AddUser(state, next);
    }

    // The fence: once a later run has begun, DELETEs of earlier ones are refused.
    private void AddDeletes(in State state, Key key, Successors<State> next)
    {
        for (int run = 1; run <= setting.Runs; run++)
        {
            if (!state.Deletes[run - 1].HasFlag(key.Part))
            {
                continue;
            }

            bool isFenced = state.Current.Run > run && !Is(Variant.NoFence);
            State after = state;
            after.Deletes[run - 1] &= ~key.Part;
            if (!isFenced)
            {
                after.Delete(key.Part);
            }

            next.Add(new Move(Store, key.DeleteStep, isFenced ? key.RefusedName : key.Name, run), after);
        }
    }

    private static void AddLateWrite(in State state, Key key, Successors<State> next)
    {
        if (state.LateWrites.HasFlag(key.Part))
        {
            State after = state;
            after.LateWrites &= ~key.Part;
            after.Put(key.Part);
            next.Add(new Move(Store, key.WriteStep, "of a dead host arrives"), after);
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

    /// <summary>A key of the store, and how a trace names what happens to it.</summary>
    private sealed record Key(Stored Part, string Name, string WriteStep, string DeleteStep)
    {
        public string RefusedName { get; } = $"{Name}, refused: a later run has begun";
    }
}
