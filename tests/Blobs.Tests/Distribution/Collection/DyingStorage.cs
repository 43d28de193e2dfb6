using System.Buffers;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>The process that uses a storage has been killed.</summary>
internal sealed class KilledException() : IOException("killed");

/// <summary>
/// A storage whose user can be killed: from then on every call fails, and what was on its way has happened, has not, or
/// happens later. Calls take turns with those of others at random: some are slow, above all those that decide between
/// hosts and collectors, and now and then the whole process is suspended.
/// </summary>
internal sealed class DyingStorage : IRegistryStorage
{
    // One call in this many is slow; of those that decide who keeps or deletes what, one in the other.
    private const int Slow = 60;
    private const int SlowWhereItMatters = 4;

    // One call in this many suspends the process.
    private const int Suspending = 200;

    // In milliseconds.
    private const int SlowestMs = 8;

    private readonly IRegistryStorage _inner;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly bool _yields;
    private readonly TimeSpan _longestSuspension;
    private Task _suspension = Task.CompletedTask;
    private int _callsLeft;

    /// <param name="inner">The storage.</param>
    /// <param name="seed">The seed of its choices.</param>
    /// <param name="callsLeft">Dies at this call; never when negative.</param>
    /// <param name="yields">Whether calls let others run first, at random.</param>
    /// <param name="longestSuspension">How long its user is suspended at most, as by SIGSTOP: none of its calls begins
    /// meanwhile.</param>
    public DyingStorage(
        IRegistryStorage inner, int seed, int callsLeft = -1, bool yields = true, TimeSpan longestSuspension = default)
    {
        _inner = inner;
        _random = new Random(seed);
        _callsLeft = callsLeft;
        _yields = yields;
        _longestSuspension = longestSuspension;
        Blobs = new DyingBlobs(this);
        Uploads = new DyingUploads(this);
        References = new DyingReferences(this);
        Records = inner.Records is null ? null : new DyingRecords(this);
    }

    /// <summary>Number of calls so far.</summary>
    public int Calls { get; private set; }

    public bool IsDead { get; private set; }

    public IRegistryBlobs Blobs { get; }

    public IRegistryUploads Uploads { get; }

    public IRegistryReferences References { get; }

    public IRegistryRecords? Records { get; }

    public SharedUse Sharing => _inner.Sharing;

    public void Kill() => IsDead = true;

    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) =>
        _inner.PrepareAsync(mayWrite, cancellationToken);

    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => _inner.ProbeAsync(cancellationToken);

    public ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default) => CallAsync(() => _inner.TimeAsync(cancellationToken));

    public async ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
        new DyingDeletion(this, await _inner.BeginDeletionAsync(cancellationToken));

    /// <param name="call">The call.</param>
    /// <param name="mayBeLate">Whether it may happen after the death of its caller.</param>
    /// <param name="matters">Whether it decides between hosts and collectors.</param>
    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call, bool mayBeLate = false, bool matters = false)
    {
        Fate fate = Decide(mayBeLate, matters);
        if (fate.Yields)
        {
            await Task.Yield();
        }

        await fate.Suspension;
        if (fate.DelayMs > 0)
        {
            await Task.Delay(fate.DelayMs);
        }

        if (fate.IsLate)
        {
            // The request was sent, and arrives after the death of whoever sent it.
            _ = Task.Run(async () =>
            {
                await Task.Delay(fate.DelayMs);
                await call();
            });
        }

        if (fate.DiesBefore || fate.IsLate)
        {
            throw new KilledException();
        }

        T result = await call();
        return IsDead ? throw new KilledException() : result;
    }

    private async ValueTask CallAsync(Func<ValueTask> call, bool mayBeLate = false) => await CallAsync(
        async () =>
        {
            await call();
            return true;
        },
        mayBeLate);

    private Fate Decide(bool mayBeLate, bool matters)
    {
        lock (_lock)
        {
            bool wasDead = IsDead;
            Calls++;
            bool dies = _callsLeft >= 0 && _callsLeft-- == 0;
            IsDead |= dies;
            if (_longestSuspension > TimeSpan.Zero && _suspension.IsCompleted && _random.Next(Suspending) == 0)
            {
                _suspension = Task.Delay(_longestSuspension * _random.NextDouble());
            }

            // A call at which the process dies happens, does not happen, or happens later.
            int fate = _random.Next(3);
            return new Fate(
                wasDead || (dies && fate == 0),
                dies && fate == 1 && mayBeLate,
                _yields && _random.Next(3) > 0,
                _yields && _random.Next(matters ? SlowWhereItMatters : Slow) == 0 ? 1 + _random.Next(SlowestMs) : 0,
                _suspension);
        }
    }

    // What happens to a call.
    private readonly record struct Fate(bool DiesBefore, bool IsLate, bool Yields, int DelayMs, Task Suspension);

    private sealed class DyingBlobs(DyingStorage storage) : IRegistryBlobs
    {
        private readonly IRegistryBlobs _inner = storage._inner.Blobs;

        public ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.StatAsync(digest, cancellationToken));

        public ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.OpenAsync(digest, cancellationToken));

        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ReadAsync(digest, bytesMax, cancellationToken));

        public ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.WriteAsync(digest, content, cancellationToken), mayBeLate: true);

        public ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TouchAsync(digest, cancellationToken));

        public ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.DeleteAsync(digest, cancellationToken));

        public ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ListAsync(page, cancellationToken));
    }

    private sealed class DyingReferences(DyingStorage storage) : IRegistryReferences
    {
        private readonly IRegistryReferences _inner = storage._inner.References;

        public bool FindsReferrers => _inner.FindsReferrers;

        public ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ReadAsync(reference, cancellationToken));

        public ValueTask<DateTimeOffset?> AgeAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.AgeAsync(reference, cancellationToken));

        public ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TryCreateAsync(reference, target, cancellationToken));

        public ValueTask<bool> TryReplaceAsync(
            RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TryReplaceAsync(reference, target, version, cancellationToken));

        // A tag that is written late would undo a later push.
        public ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default) => storage
            .CallAsync(() => _inner.WriteAsync(reference, target, cancellationToken), mayBeLate: reference.Kind != ReferenceKind.Tag);

        public ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.DeleteAsync(reference, cancellationToken));

        public ValueTask<RegistryListing<ListedReference>> ListAsync(
            string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ListAsync(repository, kind, page, cancellationToken));

        public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
            ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ListRepositoriesAsync(kind, page, cancellationToken));

        public ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.HasRepositoryAsync(repository, cancellationToken));

        public ValueTask<bool> HasAllReferrersAsync(string repository, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.HasAllReferrersAsync(repository, cancellationToken));

        public ValueTask ConfirmAllReferrersAsync(string repository, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ConfirmAllReferrersAsync(repository, cancellationToken));
    }

    private sealed class DyingRecords(DyingStorage storage) : IRegistryRecords
    {
        private readonly IRegistryRecords _inner = storage._inner.Records!;

        public ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ReadAsync(name, cancellationToken), matters: true);

        public ValueTask<string?> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TryCreateAsync(name, content, cancellationToken), matters: true);

        public ValueTask<string?> TryReplaceAsync(
            string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TryReplaceAsync(name, content, version, cancellationToken), matters: true);

        public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.DeleteAsync(name, cancellationToken));

        public ValueTask<RegistryListing<string>> ListAsync(
            string folder, RegistryPage page, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ListAsync(folder, page, cancellationToken));
    }

    private sealed class DyingDeletion(DyingStorage storage, IFencedDeletion inner) : IFencedDeletion
    {
        public bool IsLocked => inner.IsLocked;

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.DeleteAsync(references, deadline, cancellationToken), mayBeLate: !IsLocked, matters: true);

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.DeleteAsync(blobs, deadline, cancellationToken), mayBeLate: !IsLocked, matters: true);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class DyingUploads(DyingStorage storage) : IRegistryUploads
    {
        private readonly IRegistryUploads _inner = storage._inner.Uploads;

        public async ValueTask<IStoredUpload> BeginAsync(
            string repository, string id, UploadStart start, CancellationToken cancellationToken = default) =>
            new DyingUpload(storage, await storage.CallAsync(() => _inner.BeginAsync(repository, id, start, cancellationToken)));

        public async ValueTask<IStoredUpload?> OpenAsync(string repository, string id, CancellationToken cancellationToken = default) =>
            await storage.CallAsync(() => _inner.OpenAsync(repository, id, cancellationToken)) is { } upload
                ? new DyingUpload(storage, upload)
                : null;

        public ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.FindAsync(repository, id, cancellationToken));

        public ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.DeleteAsync(repository, id, cancellationToken));

        public ValueTask<IReadOnlyList<Digest>> DeleteLostAsync(
            DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.DeleteLostAsync(before, isDryRun, cancellationToken));

        public ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.ListAsync(page, cancellationToken));
    }

    private sealed class DyingUpload(DyingStorage storage, IStoredUpload inner) : IStoredUpload
    {
        public long Length => inner.Length;

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.ReadAsync(target, offset, cancellationToken));

        public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.ReadHashStateAsync(cancellationToken));

        public ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.AppendAsync(offset, bytes, cancellationToken));

        public ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.SaveAsync(hashState, cancellationToken));

        public ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.PublishAsync(digest, cancellationToken));

        public ValueTask CancelAsync(CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.CancelAsync(cancellationToken));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
