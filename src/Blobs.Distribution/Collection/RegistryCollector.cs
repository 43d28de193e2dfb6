using System.Diagnostics;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>
/// A garbage collector that works while hosts serve the same storage. It marks what manifests need, publishes a list of
/// what it wants to delete, marks again, and claims what is still garbage; hosts look at the list before they promise
/// anything to a client, and claim what they need. Whoever claims first decides. What is young is never deleted. A
/// document that cannot be parsed is kept, with everything that it could name.
/// <para>
/// Programs that do not take part, such as docker-registry, must not push anything older than the minimum age
/// meanwhile.
/// </para>
/// </summary>
public sealed class RegistryCollector
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly IRegistryStorage _storage;
    private readonly RegistryStoreOptions _options;

    /// <param name="storage">The storage of the registry.</param>
    /// <param name="options">The limits and the clock of its store.</param>
    public RegistryCollector(IRegistryStorage storage, RegistryStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _options = options ?? new RegistryStoreOptions();
    }

    /// <summary>Runs the collection.</summary>
    /// <exception cref="NotFoundException">The storage does not exist.</exception>
    /// <exception cref="StoreException">A manifest is damaged. Nothing is deleted, because the blobs it needs are unknown.
    /// Or no garbage can be collected in this storage.</exception>
    /// <exception cref="RootBusyException">Another collector uses the storage.</exception>
    /// <exception cref="StorageUnavailableException">The storage does not answer, or another collector has taken
    /// over.</exception>
    public async Task<CollectionReport> RunAsync(CollectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CollectionOptions();
        await _storage.PrepareAsync(mayWrite: false, cancellationToken).ConfigureAwait(false);
        var collection = new Collection(_storage, _options.Limits, options, _options.Clock);
        var report = new CollectionReport();
        if (options.DryRun)
        {
            report = await RehearseAsync(collection, report, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (_storage.Records is null)
            {
                throw new StoreException("gc", "no garbage can be collected in this storage: it has no conditional writes, or no locks");
            }

            IFencedDeletion fence = await WaitAsync(
                collection, async stop => await _storage.BeginDeletionAsync(stop).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
            await using (fence.ConfigureAwait(false))
            {
                report = await CollectAsync(collection, fence, report, cancellationToken).ConfigureAwait(false);
            }
        }

        return await DeleteUploadsAsync(collection, report, cancellationToken).ConfigureAwait(false);
    }

    // Marks only.
    private static async Task<CollectionReport> RehearseAsync(
        Collection collection, CollectionReport report, CancellationToken cancellationToken)
    {
        for (int from = 0; from < CandidateKey.FirstBytes;)
        {
            var candidates = new CandidateList(from);
            Mark mark = await Mark.RunAsync(collection, candidates, cancellationToken).ConfigureAwait(false);
            var tally = new CollectedTally();
            foreach (CandidateEntry entry in candidates.Entries())
            {
                for (int i = 0; i < entry.Count; i++)
                {
                    CollectedNames.Report(collection, entry[i], tally);
                }
            }

            report = With(report, mark, tally, isFirst: from == 0);
            from = candidates.End;
        }

        return report;
    }

    // Runs until nothing is left: one run takes only what fits into memory, and a removed tag leaves a manifest to the
    // next one.
    private static async Task<CollectionReport> CollectAsync(
        Collection collection, IFencedDeletion fence, CollectionReport report, CancellationToken cancellationToken)
    {
        long tagsBefore;
        bool isFirst = true;
        do
        {
            tagsBefore = report.Tags;
            for (int from = 0; from < CandidateKey.FirstBytes;)
            {
                CollectionLease lease = await WaitAsync(
                    collection,
                    async stop => await CollectionLease.TakeLeaseAsync(collection, fence.IsLocked, stop).ConfigureAwait(false)
                        ?? throw await CollectionLease.BusyAsync(collection, stop).ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false);
                await using (lease.ConfigureAwait(false))
                {
                    (report, from) = await RunOnceAsync(collection, fence, lease, report, from, isFirst, cancellationToken)
                        .ConfigureAwait(false);
                    isFirst = false;
                }
            }
        }
        while (collection.Options.Untagged && report.Tags > tagsBefore);
        return report;
    }

    private static async Task<(CollectionReport Report, int From)> RunOnceAsync(
        Collection collection,
        IFencedDeletion fence,
        CollectionLease lease,
        CollectionReport report,
        int from,
        bool isFirst,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        GarbageRemoval? removal = null;
        try
        {
            await new CollectionRecords(collection.Storage.Records!).DeleteRunsBeforeAsync(lease.Run - 1, stop.Token).ConfigureAwait(false);
            var candidates = new CandidateList(from);
            Mark mark = await Mark.RunAsync(collection, candidates, stop.Token).ConfigureAwait(false);
            report = With(report, mark, new CollectedTally(), isFirst);
            if (!candidates.IsEmpty)
            {
                int blocks = await CondemnedWriter.WriteCondemnedAsync(collection, candidates, lease.Run, stop.Token).ConfigureAwait(false);
                await lease.PublishCondemnedAsync(stop.Token).ConfigureAwait(false);
                Mark again = await mark.MarkAgainAsync(collection, stop.Token).ConfigureAwait(false);
                removal = new GarbageRemoval(collection, candidates, again, lease, fence);
                await removal.ClaimDeleteAsync(blocks, stop.Token).ConfigureAwait(false);
                await removal.DeleteLinksAsync(stop.Token).ConfigureAwait(false);
                await removal.DeleteDataAsync(stop.Token).ConfigureAwait(false);
                await removal.WaitForAnswersAsync(stop.Token).ConfigureAwait(false);
            }

            await lease.EndRunAsync(stop.Token).ConfigureAwait(false);
            return (With(report, removal), candidates.End);
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StorageUnavailableException("Another collector has taken over, because this one was not heard of for too long.");
        }
        catch when (removal?.MayStillHappen != true)
        {
            await TryEndAsync(lease).ConfigureAwait(false);
            throw;
        }
    }

    // No deletion is on its way, so others need not wait until the lease has ended.
    private static async Task TryEndAsync(CollectionLease lease)
    {
        try
        {
            await lease.EndRunAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is BlobsException or IOException)
        {
            // The first error counts.
        }
    }

    private static async Task<T> WaitAsync<T>(
        Collection collection, Func<CancellationToken, Task<T>> tryAsync, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await tryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (RootBusyException) when (waited.Elapsed < collection.Options.Wait)
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static CollectionReport With(CollectionReport report, Mark mark, CollectedTally tally, bool isFirst) => report with
    {
        Repositories = mark.Repositories,
        KeptBlobs = isFirst ? mark.KeptBlobs : report.KeptBlobs,
        Young = isFirst ? mark.Young : report.Young,
        Broken = isFirst ? mark.Broken : report.Broken,
        Unread = isFirst ? mark.Unread : report.Unread,
        HasForeignWriter = report.HasForeignWriter || mark.HasForeignWriter,
        Blobs = report.Blobs + tally.Blobs,
        Bytes = report.Bytes + tally.Bytes,
        Manifests = report.Manifests + tally.Manifests,
        Links = report.Links + tally.Links,
        Tags = report.Tags + tally.Tags,
    };

    private static CollectionReport With(CollectionReport report, GarbageRemoval? removal)
    {
        if (removal is null)
        {
            return report;
        }

        var sum = new CollectedTally();
        foreach (CollectedTally tally in removal.Done)
        {
            sum.Add(tally);
        }

        return report with
        {
            Blobs = report.Blobs + sum.Blobs,
            Bytes = report.Bytes + sum.Bytes,
            Manifests = report.Manifests + sum.Manifests,
            Links = report.Links + sum.Links,
            Tags = report.Tags + sum.Tags,
            Kept = report.Kept + removal.Kept,
            Unconfirmed = report.Unconfirmed + removal.Unconfirmed,
        };
    }

    private async Task<CollectionReport> DeleteUploadsAsync(
        Collection collection, CollectionReport report, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _options.Clock.GetUtcNow();
        bool hasForeign = false;
        var stale = new List<ListedUpload>();
        await foreach (ListedUpload upload in collection.Requests.UploadsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (now - upload.StartedAt > collection.Options.UploadAge)
            {
                stale.Add(upload);
            }
            else
            {
                hasForeign |= upload.IsForeign;
            }
        }

        foreach (ListedUpload upload in stale)
        {
            if (!collection.Options.DryRun)
            {
                await collection.Requests.PaceAsync(cancellationToken).ConfigureAwait(false);
                await _storage.Uploads.DeleteAsync(upload.Repository, upload.Id, cancellationToken).ConfigureAwait(false);
            }

            collection.Options.Deleted?.Report(new CollectedItem(CollectedKind.Upload, $"{upload.Repository} {upload.Id}"));
        }

        await collection.Requests.PaceAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Digest> lost = await _storage.Uploads
            .DeleteLostAsync(now - collection.Options.UploadAge, collection.Options.DryRun, cancellationToken).ConfigureAwait(false);
        foreach (Digest digest in lost)
        {
            collection.Options.Deleted?.Report(new CollectedItem(CollectedKind.Upload, $"{digest}"));
        }

        return report with { Uploads = stale.Count + lost.Count, HasForeignWriter = report.HasForeignWriter || hasForeign };
    }
}
