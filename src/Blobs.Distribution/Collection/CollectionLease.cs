using System.Globalization;
using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Distribution.Collection;

/// <summary>
/// The right to collect garbage in a storage. It lasts for a limited time, and is renewed until it is disposed. A
/// collector that could not renew it in time has lost it, and must stop.
/// </summary>
internal sealed class CollectionLease : IAsyncDisposable
{
    private const int RenewalsPerLease = 3;

    private readonly Collection _collection;
    private readonly CollectionRecords _records;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Task _renewal;
    private CollectionState _state;
    private string _version;

    private CollectionLease(Collection collection, CollectionRecords records, CollectionState state, string version, bool isLocked)
    {
        _collection = collection;
        _records = records;
        _state = state;
        _version = version;
        _renewal = isLocked ? Task.CompletedTask : RenewAsync();
    }

    /// <summary>The number of this run.</summary>
    public long Run => _state.Run;

    /// <summary>By the storage's clock: no deletion may happen after it.</summary>
    public DateTimeOffset End => _state.LeaseEnd;

    /// <summary>Cancelled when another collector has taken over.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Begins a run, or takes over from a collector that was not heard of for longer than its lease; null when
    /// another one is at work.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="isLocked">Whether a lock keeps all others out, so that no other can be alive.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<CollectionLease?> TakeLeaseAsync(
        Collection collection, bool isLocked, CancellationToken cancellationToken)
    {
        var records = new CollectionRecords(collection.Storage.Records!);
        (CollectionState state, string? version) = await records.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = await collection.Storage.TimeAsync(cancellationToken).ConfigureAwait(false);
        if (!state.HasEnded && !isLocked && now <= state.LeaseEnd + collection.Options.LeaseMargin)
        {
            return null;
        }

        CollectionState next = Renewed(collection.Options, now, new CollectionState
        {
            Generation = (3 * (state.Run + 1)) - 2,
            Owner = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, pid {Environment.ProcessId}"),
            Nonce = "",
        });
        string? taken = await records.TryReplaceCurrentAsync(next, version, cancellationToken).ConfigureAwait(false);
        return taken is null ? null : new CollectionLease(collection, records, next, taken, isLocked);
    }

    /// <summary>The error for a storage in which another collector is at work.</summary>
    public static async Task<RootBusyException> BusyAsync(Collection collection, CancellationToken cancellationToken)
    {
        var records = new CollectionRecords(collection.Storage.Records!);
        (CollectionState state, _) = await records.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
        string until = state.LeaseEnd.ToString("u", CultureInfo.InvariantCulture);
        return new RootBusyException("gc", null, $"garbage is being collected already ({state.Owner}, at least until {until})");
    }

    /// <summary>Makes the condemned list binding for hosts.</summary>
    public Task PublishCondemnedAsync(CancellationToken cancellationToken) => MoveAsync(1, cancellationToken);

    /// <summary>Ends the run. No deletion may be on its way.</summary>
    public Task EndRunAsync(CancellationToken cancellationToken) => MoveAsync(_state.HasCondemned ? 1 : 2, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewal.ConfigureAwait(false);
        _stop.Dispose();
        _lost.Dispose();
        _turn.Dispose();
    }

    private static CollectionState Renewed(CollectionOptions options, DateTimeOffset now, CollectionState state) => state with
    {
        Nonce = Guid.NewGuid().ToString("n"),
        LeaseEnd = now + options.Lease,
        MinimumAge = options.MinimumAge.TotalSeconds,
    };

    private async Task MoveAsync(int generations, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReplaceAsync(_state with { Generation = _state.Generation + generations }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReplaceAsync(CollectionState state, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _collection.Storage.TimeAsync(cancellationToken).ConfigureAwait(false);
        CollectionState next = Renewed(_collection.Options, now, state);
        string? version = await _records.TryReplaceCurrentAsync(next, _version, cancellationToken).ConfigureAwait(false);
        if (version is null)
        {
            await _lost.CancelAsync().ConfigureAwait(false);
            throw new StorageUnavailableException("Another collector has taken over, because this one was not heard of for too long.");
        }

        _state = next;
        _version = version;
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_collection.Options.Lease / RenewalsPerLease, _collection.Clock, _stop.Token).ConfigureAwait(false);
                await _turn.WaitAsync(_stop.Token).ConfigureAwait(false);
                try
                {
                    await ReplaceAsync(_state, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is BlobsException or IOException && !_lost.IsCancellationRequested)
                {
                    // Tried again after another part of the lease. Deletions stop at the end of it.
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or BlobsException)
        {
            // The run is over, or lost.
        }
    }
}
