using System.Collections.Concurrent;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>Claims and deletes what both marks found, links before data.</summary>
internal sealed class GarbageRemoval(
    Collection collection, CandidateList candidates, Mark confirmed, CollectionLease lease, IFencedDeletion fence)
{
    private const int BatchesAtOnce = 4;
    private const int ClaimsAtOnce = 8;
    private const int BatchCount = 250;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // The order of the phases: a tag goes before its manifest, and every link before the bytes.
    private static readonly ReferenceKind[][] Phases =
        [[ReferenceKind.Tag], [ReferenceKind.TagHistory, ReferenceKind.Manifest, ReferenceKind.Referrer], [ReferenceKind.Blob]];

    private readonly ConcurrentDictionary<CandidateKey, bool> _uncertain = new();
    private DateTimeOffset _lastDeadline;
    private bool[] _isOurs = [];

    /// <summary>Number of entries that somebody keeps.</summary>
    public long Kept { get; private set; }

    /// <summary>Number of deletions that were not confirmed.</summary>
    public long Unconfirmed => _uncertain.Count;

    /// <summary>Whether a deletion may still happen.</summary>
    public bool MayStillHappen { get; private set; }

    /// <summary>What was deleted.</summary>
    public ConcurrentBag<CollectedTally> Done { get; } = [];

    /// <summary>Claims the blocks in which something is still garbage.</summary>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task ClaimDeleteAsync(int blocks, CancellationToken cancellationToken)
    {
        var records = new CollectionRecords(collection.Storage.Records!);
        _isOurs = new bool[blocks];
        HashSet<int> wanted = [.. Garbage(isOursOnly: false).Select(garbage => garbage.Block)];
        var limit = new ParallelOptions { MaxDegreeOfParallelism = ClaimsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(wanted, limit, async (block, stop) =>
        {
            await collection.Requests.PaceAsync(stop).ConfigureAwait(false);
            _isOurs[block] = await records.TryClaimAsync(lease.Run, block, keep: false, stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
        Kept = Garbage(isOursOnly: false).Count(garbage => !_isOurs[garbage.Block]);
    }

    public async Task DeleteLinksAsync(CancellationToken cancellationToken)
    {
        foreach (ReferenceKind[] kinds in Phases)
        {
            await DeleteAsync(
                Links(kinds),
                (batch, deadline, stop) => fence.DeleteAsync([.. batch.Select(ReferenceOf)], deadline, stop),
                cancellationToken).ConfigureAwait(false);
        }
    }

    public Task DeleteDataAsync(CancellationToken cancellationToken) => DeleteAsync(
        Garbage(isOursOnly: true).Select(garbage => garbage.Entry[0])
            .Where(candidate => candidate.Kind is null && !_uncertain.ContainsKey(candidate.Key)),
        (batch, deadline, stop) => fence.DeleteAsync([.. batch.Select(candidate => candidate.Key.ToDigest())], deadline, stop),
        cancellationToken);

    /// <summary>Waits until no deletion can happen any more: those that were not answered end with the lease.</summary>
    public async Task WaitForAnswersAsync(CancellationToken cancellationToken)
    {
        while (MayStillHappen)
        {
            DateTimeOffset now = await collection.Storage.TimeAsync(cancellationToken).ConfigureAwait(false);
            MayStillHappen = now <= _lastDeadline + collection.Options.LeaseMargin;
            if (MayStillHappen)
            {
                await Task.Delay(Pause, collection.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task DeleteAsync(
        IEnumerable<Candidate> garbage,
        Func<Candidate[], DateTimeOffset, CancellationToken, ValueTask<IReadOnlyList<DeletionOutcome>>> deleteAsync,
        CancellationToken cancellationToken)
    {
        var limit = new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = cancellationToken };
        int batchCount = collection.Options.RequestsPerSecond is null ? BatchCount : 1;
        await Parallel.ForEachAsync(garbage.Chunk(batchCount), limit, async (batch, stop) =>
        {
            await collection.Requests.PaceAsync(stop).ConfigureAwait(false);
            DateTimeOffset deadline = lease.End;
            SentUntil(deadline);
            IReadOnlyList<DeletionOutcome> outcomes = await deleteAsync(batch, deadline, stop).ConfigureAwait(false);
            var tally = new CollectedTally();
            for (int i = 0; i < batch.Length; i++)
            {
                if (outcomes[i] == DeletionOutcome.Deleted)
                {
                    CollectedNames.Report(collection, batch[i], tally);
                }
                else
                {
                    _uncertain[batch[i].Key] = true;
                }
            }

            Done.Add(tally);
            if (outcomes.Contains(DeletionOutcome.Late))
            {
                throw new StorageUnavailableException(
                    "The lease of this collection has ended before it was renewed. What is left goes with the next collection.");
            }
        }).ConfigureAwait(false);
        MayStillHappen = !fence.IsLocked && !_uncertain.IsEmpty;
    }

    // Until all answers are there, deletions count as on their way.
    private void SentUntil(DateTimeOffset deadline)
    {
        lock (_uncertain)
        {
            MayStillHappen = !fence.IsLocked;
            _lastDeadline = deadline > _lastDeadline ? deadline : _lastDeadline;
        }
    }

    private IEnumerable<Candidate> Links(ReferenceKind[] kinds)
    {
        foreach ((CandidateEntry entry, _) in Garbage(isOursOnly: true))
        {
            for (int i = 0; i < entry.Count; i++)
            {
                if (entry[i].Kind is { } kind && kinds.Contains(kind))
                {
                    yield return entry[i];
                }
            }
        }
    }

    private IEnumerable<(CandidateEntry Entry, int Block)> Garbage(bool isOursOnly)
    {
        int number = 0;
        foreach (CandidateEntry entry in candidates.Entries())
        {
            int block = CondemnedWriter.BlockOf(number++);
            if ((!isOursOnly || _isOurs[block]) && confirmed.Confirms(entry))
            {
                yield return (entry, block);
            }
        }
    }

    private RegistryReference ReferenceOf(Candidate candidate)
    {
        string repository = collection.Names[candidate.Repository];
        Digest digest = candidate.Tag is null ? candidate.Key.ToDigest() : default;
        return candidate.Kind switch
        {
            ReferenceKind.Tag => RegistryReference.OfTag(repository, candidate.Tag!.Name),
            ReferenceKind.TagHistory => RegistryReference.OfTagHistory(repository, candidate.Name!, digest),
            ReferenceKind.Referrer => RegistryReference.ToReferrer(repository, Digest.Parse(candidate.Name!), digest),
            ReferenceKind.Manifest => RegistryReference.ToManifest(repository, candidate.Name is { } name ? Digest.Parse(name) : digest),
            _ => RegistryReference.ToBlob(repository, candidate.Name is { } alias ? Digest.Parse(alias) : digest),
        };
    }
}
