namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <content>What must hold.</content>
internal sealed partial class RepositoryModel
{
    public string? Violation(in State state) =>
        Watches(Promises.Manifests) && state.ManifestAcknowledged && !state.Has(Stored.Image)
            ? $"an acknowledged manifest lacks: {Stored.Image & ~state.Stored}"
        : Watches(Promises.Blobs) && state.BlobAcknowledged && !state.Has(Stored.Link | Stored.Data)
            ? "an acknowledged blob is gone while its link is young"
        : Watches(Promises.NoGarbage)
            ? AfterQuietRuns(state, deletesArrive: false) ?? AfterQuietRuns(state, deletesArrive: true)
            : null;

    private bool Watches(Promises promise) => setting.Promises.HasFlag(promise);

    // All stop for good here. What is on the way arrives, or the DELETEs do not; then two whole runs follow.
    private string? AfterQuietRuns(State state, bool deletesArrive)
    {
        Stored left = state.Stored | state.LateWrites;
        if (deletesArrive && state.Current != default)
        {
            left &= ~state.Deletes[state.Current.Run - 1];
        }

        left &= ~PartsOf(NotNeeded(left, linkIsYoung: false));
        left &= ~PartsOf(NotNeeded(left, linkIsYoung: false));
        bool isWhole = left.HasFlag(Stored.Image);
        return !isWhole && (left & Stored.Image) != 0 ? $"garbage stays: {left & Stored.Image}"
            : !isWhole && state.ManifestAcknowledged ? "an acknowledged manifest was collected"
            : null;
    }
}
