using System.Buffers;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Tests.Testing;

/// <summary>A storage that fails once, at the n-th call that changes something.</summary>
internal sealed class FaultyStorage : IRegistryStorage
{
    private readonly IRegistryStorage _inner;

    public FaultyStorage(IRegistryStorage inner)
    {
        _inner = inner;
        Blobs = new FaultyBlobs(this, inner.Blobs);
        Uploads = new FaultyUploads(this, inner.Uploads);
        References = new FaultyReferences(this, inner.References);
    }

    /// <summary>Number of successful calls before the failing one; a negative number means no failure.</summary>
    public int CallsLeft { get; set; } = -1;

    public IRegistryBlobs Blobs { get; }

    public IRegistryUploads Uploads { get; }

    public IRegistryReferences References { get; }

    public IRegistryRecords? Records => _inner.Records is { } records ? new FaultyRecords(this, records) : null;

    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => _inner.ProbeAsync(cancellationToken);

    public ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default) => _inner.TimeAsync(cancellationToken);

    public async ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
        new FaultyDeletion(this, await _inner.BeginDeletionAsync(cancellationToken));

    private void Count()
    {
        if (CallsLeft >= 0 && CallsLeft-- == 0)
        {
            throw new IOException("refused");
        }
    }

    private sealed class FaultyBlobs(FaultyStorage storage, IRegistryBlobs inner) : IRegistryBlobs
    {
        public ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default) =>
            inner.StatAsync(digest, cancellationToken);

        public ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default) =>
            inner.OpenAsync(digest, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(digest, bytesMax, cancellationToken);

        public ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.WriteAsync(digest, content, cancellationToken);
        }

        public ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.TouchAsync(digest, cancellationToken);
        }

        public ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(digest, cancellationToken);
        }

        public ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default) =>
            inner.ListAsync(page, cancellationToken);
    }

    private sealed class FaultyReferences(FaultyStorage storage, IRegistryReferences inner) : IRegistryReferences
    {
        public ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(reference, cancellationToken);

        public ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.TryCreateAsync(reference, target, cancellationToken);
        }

        public ValueTask<bool> TryReplaceAsync(
            RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.TryReplaceAsync(reference, target, version, cancellationToken);
        }

        public ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.WriteAsync(reference, target, cancellationToken);
        }

        public ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(reference, cancellationToken);
        }

        public ValueTask<RegistryListing<ListedReference>> ListAsync(
            string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) =>
            inner.ListAsync(repository, kind, page, cancellationToken);

        public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
            ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) =>
            inner.ListRepositoriesAsync(kind, page, cancellationToken);

        public ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default) =>
            inner.HasRepositoryAsync(repository, cancellationToken);
    }

    private sealed class FaultyUploads(FaultyStorage storage, IRegistryUploads inner) : IRegistryUploads
    {
        public async ValueTask<IStoredUpload> BeginAsync(
            string repository, string id, UploadStart start, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return new FaultyUpload(storage, await inner.BeginAsync(repository, id, start, cancellationToken));
        }

        public async ValueTask<IStoredUpload?> OpenAsync(string repository, string id, CancellationToken cancellationToken = default) =>
            await inner.OpenAsync(repository, id, cancellationToken) is { } upload ? new FaultyUpload(storage, upload) : null;

        public ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default) =>
            inner.FindAsync(repository, id, cancellationToken);

        public ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(repository, id, cancellationToken);
        }

        public ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default) =>
            inner.ListAsync(page, cancellationToken);
    }

    private sealed class FaultyUpload(FaultyStorage storage, IStoredUpload inner) : IStoredUpload
    {
        public long Length => inner.Length;

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(target, offset, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) =>
            inner.ReadHashStateAsync(cancellationToken);

        public ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.AppendAsync(offset, bytes, cancellationToken);
        }

        public ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default) =>
            inner.SaveAsync(hashState, cancellationToken);

        public ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.PublishAsync(digest, cancellationToken);
        }

        public ValueTask CancelAsync(CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.CancelAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class FaultyRecords(FaultyStorage storage, IRegistryRecords inner) : IRegistryRecords
    {
        public ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(name, cancellationToken);

        public ValueTask<string?> TryCreateAsync(
            string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.TryCreateAsync(name, content, cancellationToken);
        }

        public ValueTask<string?> TryReplaceAsync(
            string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.TryReplaceAsync(name, content, version, cancellationToken);
        }

        public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(name, cancellationToken);
        }

        public ValueTask<RegistryListing<string>> ListAsync(
            string folder, RegistryPage page, CancellationToken cancellationToken = default) =>
            inner.ListAsync(folder, page, cancellationToken);
    }

    private sealed class FaultyDeletion(FaultyStorage storage, IFencedDeletion inner) : IFencedDeletion
    {
        public bool IsLocked => inner.IsLocked;

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(references, deadline, cancellationToken);
        }

        public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
            IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(blobs, deadline, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
