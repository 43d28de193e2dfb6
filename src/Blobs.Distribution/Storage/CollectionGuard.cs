using System.Collections.Concurrent;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Protects from a garbage collection that runs at the same time what a request has promised to a client, or is about to
/// promise. Its methods are steps of the protocol; <see cref="RegistryStore"/> calls them in the order that makes it
/// safe.
/// </summary>
internal sealed class CollectionGuard
{
    private const int CachedBlocksMax = 64;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IRegistryStorage _storage;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _ownMinimumAge;
    private KnownList? _list;
    private long _minimumAgeTicks;

    /// <param name="storage">The storage.</param>
    /// <param name="minimumAge">The age below which collectors delete nothing.</param>
    /// <param name="clock">The clock.</param>
    public CollectionGuard(IRegistryStorage storage, TimeSpan minimumAge, TimeProvider clock)
    {
        _storage = storage;
        _clock = clock;
        _ownMinimumAge = minimumAge;
        _minimumAgeTicks = minimumAge.Ticks;
    }

    /// <summary>The age below which collectors delete nothing, or less if the last of them said so.</summary>
    public TimeSpan MinimumAge => new(Interlocked.Read(ref _minimumAgeTicks));

    /// <summary>Reads the state of garbage collection. Compared with a later one, the same generation means that no
    /// collector has begun, condemned or ended anything in between.</summary>
    public async ValueTask<CollectionState> ReadCurrentAsync(CancellationToken cancellationToken)
    {
        if (_storage.Records is not { } records)
        {
            return CollectionState.None;
        }

        (CollectionState state, _) = await new CollectionRecords(records).ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
        if (state.Generation > 0)
        {
            double seconds = Math.Min(Math.Max(state.MinimumAge, 0), _ownMinimumAge.TotalSeconds);
            Interlocked.Exchange(ref _minimumAgeTicks, TimeSpan.FromSeconds(seconds).Ticks);
        }

        return state;
    }

    /// <summary>Claims all that stands on the list of a run among some digests, and returns those that the collector has
    /// claimed before.</summary>
    /// <param name="state">The state, read after what the digests are needed for became visible.</param>
    /// <param name="repository">The repository that needs them.</param>
    /// <param name="digests">Canonical digests.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<KeepOutcome> ClaimKeepAsync(
        CollectionState state, string repository, IEnumerable<Digest> digests, CancellationToken cancellationToken)
    {
        var condemned = new List<Digest>();
        var lost = new List<Digest>();
        if (state.HasCondemned)
        {
            foreach (Digest digest in digests)
            {
                bool? isKept = await ClaimAsync(state.Run, repository, CondemnedEntry.KeyOf(digest), cancellationToken)
                    .ConfigureAwait(false);
                (isKept is null ? [] : isKept.Value ? condemned : lost).Add(digest);
            }
        }

        return new KeepOutcome(condemned, lost);
    }

    /// <summary>Does the same for a tag that a collector wants to remove; false when it has claimed it before.</summary>
    public async ValueTask<bool> ClaimKeepAsync(
        CollectionState state, string repository, string tag, CancellationToken cancellationToken) =>
        !state.HasCondemned || await ClaimAsync(state.Run, repository, CondemnedEntry.KeyOf(repository, tag), cancellationToken)
            .ConfigureAwait(false) is not false;

    /// <summary>Waits until the run of a state has ended.</summary>
    /// <exception cref="StorageUnavailableException">It takes too long.</exception>
    public async ValueTask WaitForRunAsync(CollectionState state, CancellationToken cancellationToken)
    {
        long begin = _clock.GetTimestamp();
        while (true)
        {
            CollectionState now = await ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
            if (now.Run != state.Run || now.HasEnded)
            {
                return;
            }

            if (_clock.GetElapsedTime(begin) > WaitMax)
            {
                throw new StorageUnavailableException("Garbage collection is deleting this content. Try again later.");
            }

            await Task.Delay(Pause, _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    // Null: nothing of it is condemned. False: the collector was first.
    private async ValueTask<bool?> ClaimAsync(long run, string repository, string key, CancellationToken cancellationToken)
    {
        var records = new CollectionRecords(_storage.Records!);
        KnownList list = await ListOfAsync(records, run, cancellationToken).ConfigureAwait(false);
        int block = list.BlockOf(key);
        if (block < 0)
        {
            return null;
        }

        CondemnedEntry[] entries = await BlockAsync(records, list, block, cancellationToken).ConfigureAwait(false);
        CondemnedEntry? entry = Array.Find(entries, entry => entry.Key == key);
        return entry?.Concerns(repository) == true
            ? await records.TryClaimAsync(run, block, keep: true, cancellationToken).ConfigureAwait(false)
            : null;
    }

    // Lists never change, so a host keeps that of the last run it has seen. A list that is gone belongs to a run that
    // ended long ago; the caller finds that out when it reads the state again.
    private async ValueTask<KnownList> ListOfAsync(CollectionRecords records, long run, CancellationToken cancellationToken)
    {
        KnownList? known = Volatile.Read(ref _list);
        if (known?.Run == run)
        {
            return known;
        }

        string[]? keys = await records.ReadIndexAsync(run, cancellationToken).ConfigureAwait(false);
        var list = new KnownList(run, keys ?? []);
        if (keys is not null)
        {
            Volatile.Write(ref _list, list);
        }

        return list;
    }

    private static async ValueTask<CondemnedEntry[]> BlockAsync(
        CollectionRecords records, KnownList list, int block, CancellationToken cancellationToken)
    {
        if (list.Blocks.TryGetValue(block, out CondemnedEntry[]? known))
        {
            return known;
        }

        CondemnedEntry[]? entries = await records.ReadBlockAsync(list.Run, block, cancellationToken).ConfigureAwait(false);
        if (entries is null)
        {
            return [];
        }

        if (list.Blocks.Count >= CachedBlocksMax)
        {
            list.Blocks.Clear();
        }

        list.Blocks[block] = entries;
        return entries;
    }

    private sealed record KnownList(long Run, string[] FirstKeys)
    {
        public ConcurrentDictionary<int, CondemnedEntry[]> Blocks { get; } = new();

        // The block in which a key is, if it is in any; -1 when it comes before all of them.
        public int BlockOf(string key)
        {
            int found = Array.BinarySearch(FirstKeys, key, StringComparer.Ordinal);
            return found >= 0 ? found : ~found - 1;
        }
    }
}

/// <summary>What became of a claim.</summary>
/// <param name="Condemned">What was condemned, and is kept now.</param>
/// <param name="Lost">What the collector deletes.</param>
internal sealed record KeepOutcome(IReadOnlyList<Digest> Condemned, IReadOnlyList<Digest> Lost)
{
    public bool IsKept => Lost.Count == 0;
}
