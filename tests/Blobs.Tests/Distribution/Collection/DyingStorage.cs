using System.Buffers;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>The process that uses a storage has been killed.</summary>
internal sealed class KilledException() : IOException("killed");

/// <summary>
/// A storage whose user can be killed: from then on every call fails, and what was on its way has happened, has not, or
/// happens later. Calls take turns with those of others at random.
/// </summary>
internal sealed class DyingStorage : IRegistryStorage
{
    // Longer pauses are suspensions, in milliseconds beyond this.
    private const int PauseMax = 3;

    private readonly IRegistryStorage _inner;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly bool _yields;
    private int _callsLeft;

    /// <param name="inner">The storage.</param>
    /// <param name="seed">The seed of its choices.</param>
    /// <param name="callsLeft">Dies at this call; never when negative.</param>
    /// <param name="yields">Whether calls let others run first, at random.</param>
    public DyingStorage(IRegistryStorage inner, int seed, int callsLeft = -1, bool yields = true)
    {
        _inner = inner;
        _random = new Random(seed);
        _callsLeft = callsLeft;
        _yields = yields;
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

    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call, bool mayBeLate = false)
    {
        (bool diesBefore, bool isLate, int pause) = Next(mayBeLate);
        if (pause > PauseMax)
        {
            // As if the process had been suspended.
            await Task.Delay(pause - PauseMax);
        }
        else if (pause > 0)
        {
            await Task.Yield();
        }

        if (isLate)
        {
            // The request was sent, and arrives after the death of whoever sent it.
            _ = Task.Run(async () =>
            {
                await Task.Delay(pause);
                await call();
            });
        }

        if (diesBefore || isLate)
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

    private (bool DiesBefore, bool IsLate, int Pause) Next(bool mayBeLate)
    {
        lock (_lock)
        {
            bool wasDead = IsDead;
            Calls++;
            bool dies = _callsLeft >= 0 && _callsLeft-- == 0;
            IsDead |= dies;

            // A call at which the process dies happens, does not happen, or happens later.
            int fate = _random.Next(3);
            return (wasDead || (dies && fate == 0), dies && fate == 1 && mayBeLate, _yields ? Pause() : 0);
        }
    }

    private int Pause() => _random.Next(60) == 0 ? PauseMax + 1 + _random.Next(8) : _random.Next(PauseMax);

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
            storage.CallAsync(() => _inner.ReadAsync(name, cancellationToken));

        public ValueTask<string?> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TryCreateAsync(name, content, cancellationToken));

        public ValueTask<string?> TryReplaceAsync(
            string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => _inner.TryReplaceAsync(name, content, version, cancellationToken));

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
            storage.CallAsync(() => inner.DeleteAsync(references, deadline, cancellationToken), mayBeLate: !IsLocked);

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
            storage.CallAsync(() => inner.DeleteAsync(blobs, deadline, cancellationToken), mayBeLate: !IsLocked);

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
