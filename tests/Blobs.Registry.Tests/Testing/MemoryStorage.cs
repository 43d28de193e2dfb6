using System.Buffers;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A storage as somebody outside the project would write it: it needs only what is public of the library.</summary>
internal sealed class MemoryStorage : IRegistryStorage
{
    private int _collectors;

    public MemoryStorage()
    {
        var blobs = new MemoryBlobs();
        Blobs = blobs;
        Uploads = new MemoryUploads(blobs);
    }

    public IRegistryBlobs Blobs { get; }

    public IRegistryUploads Uploads { get; }

    public IRegistryReferences References { get; } = new MemoryReferences();

    public IRegistryRecords? Records { get; } = new MemoryRecords();

    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => default;

    public ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _collectors, 1) == 0
            ? new(new MemoryDeletion(Blobs, References, () => Interlocked.Exchange(ref _collectors, 0)))
            : throw new RootBusyException("memory", Environment.ProcessId, "memory: garbage is collected");
}

internal sealed class MemoryBlobs : IRegistryBlobs
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Digest, (byte[] Content, DateTimeOffset ChangedAt)> _blobs = [];

    public ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_blobs.TryGetValue(digest, out (byte[] Content, DateTimeOffset ChangedAt) blob)
                ? new BlobStat(blob.Content.Length, blob.ChangedAt)
                : null);
        }
    }

    public ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_blobs.TryGetValue(digest, out (byte[] Content, DateTimeOffset) blob) ? new MemoryContent(blob.Content) : null);
        }
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return !_blobs.TryGetValue(digest, out (byte[] Content, DateTimeOffset) blob) ? default
                : blob.Content.Length <= bytesMax ? new(blob.Content)
                : throw new StoreException($"{digest}", $"{digest}: has {blob.Content.Length} bytes, expected at most {bytesMax}");
        }
    }

    public ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _blobs[digest] = (content.ToArray(), DateTimeOffset.UtcNow);
            return default;
        }
    }

    public ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            bool isThere = _blobs.TryGetValue(digest, out (byte[] Content, DateTimeOffset) blob);
            if (isThere)
            {
                _blobs[digest] = (blob.Content, DateTimeOffset.UtcNow);
            }

            return new(isThere);
        }
    }

    public ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_blobs.Remove(digest));
        }
    }

    public ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ListedBlob[] all =
                [.. _blobs.Select(blob => new ListedBlob(blob.Key, new BlobStat(blob.Value.Content.Length, blob.Value.ChangedAt)))];
            return new(page.Of(all, blob => $"{blob.Digest}"));
        }
    }
}

internal sealed class MemoryReferences : IRegistryReferences
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RegistryReference, StoredReference> _references = [];
    private int _writes;

    /// <summary>Leaves a reference as a writer leaves it that was cut off.</summary>
    public void Break(RegistryReference reference)
    {
        lock (_lock)
        {
            Put(reference, null);
        }
    }

    public ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_references.GetValueOrDefault(reference));
        }
    }

    public ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(!_references.ContainsKey(reference) && Put(reference, target));
        }
    }

    public ValueTask<bool> TryReplaceAsync(
        RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_references.GetValueOrDefault(reference)?.Version == version && Put(reference, target));
        }
    }

    public ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            Put(reference, target);
            return default;
        }
    }

    public ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            foreach (RegistryReference history in _references.Keys.Where(known => reference.Kind == ReferenceKind.Tag
                && known.Kind == ReferenceKind.TagHistory && known.Repository == reference.Repository && known.Tag == reference.Tag))
            {
                _references.Remove(history);
            }

            return new(_references.Remove(reference));
        }
    }

    public ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ListedReference[] all = [.. _references
                .Where(known => known.Key.Kind == kind && known.Key.Repository == repository)
                .OrderBy(known => known.Key.Name, StringComparer.Ordinal)
                .Select(known => new ListedReference(known.Key, known.Value.ChangedAt))];
            return new(page.Of(all, item => item.Reference.Name));
        }
    }

    public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            string[] all = [.. _references.Keys
                .Where(known => (known.Kind == ReferenceKind.Blob) == (kind == ReferenceKind.Blob) && known.Kind != ReferenceKind.Referrer)
                .Select(known => known.Repository).Distinct().Order(StringComparer.Ordinal)];
            return new(page.Of(all, name => name));
        }
    }

    public ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_references.Keys.Any(known => known.Repository == repository
                && known.Kind is not (ReferenceKind.Blob or ReferenceKind.Referrer)));
        }
    }

    private bool Put(RegistryReference reference, Digest? target)
    {
        _references[reference] = new StoredReference(target, $"{++_writes}", DateTimeOffset.UtcNow);
        return true;
    }
}

internal sealed class MemoryRecords : IRegistryRecords
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoredRecord> _records = new(StringComparer.Ordinal);
    private int _writes;

    public ValueTask<StoredRecord?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.GetValueOrDefault(name));
        }
    }

    public ValueTask<string?> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.ContainsKey(name) ? null : Put(name, content));
        }
    }

    public ValueTask<string?> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.GetValueOrDefault(name)?.Version == version ? Put(name, content) : null);
        }
    }

    public ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_records.Remove(name));
        }
    }

    public ValueTask<RegistryListing<string>> ListAsync(
        string folder, RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            string[] names = [.. _records.Keys.Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal))];
            return new(page.Of(names, name => name));
        }
    }

    private string Put(string name, ReadOnlyMemory<byte> content)
    {
        string version = $"{++_writes}";
        _records[name] = new StoredRecord(content.ToArray(), version);
        return version;
    }
}

internal sealed class MemoryDeletion(IRegistryBlobs blobs, IRegistryReferences references, Action end) : IFencedDeletion
{
    public bool IsLocked => true;

    public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<RegistryReference> garbage, DateTimeOffset deadline, CancellationToken cancellationToken = default)
    {
        foreach (RegistryReference reference in garbage)
        {
            await references.DeleteAsync(reference, cancellationToken);
        }

        return [.. garbage.Select(_ => DeletionOutcome.Deleted)];
    }

    public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<Digest> garbage, DateTimeOffset deadline, CancellationToken cancellationToken = default)
    {
        foreach (Digest digest in garbage)
        {
            await blobs.DeleteAsync(digest, cancellationToken);
        }

        return [.. garbage.Select(_ => DeletionOutcome.Deleted)];
    }

    public ValueTask DisposeAsync()
    {
        end();
        return default;
    }
}

internal sealed class MemoryUploads(MemoryBlobs blobs) : IRegistryUploads
{
    private readonly MemoryBlobs _blobs = blobs;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    public ValueTask<IStoredUpload> BeginAsync(
        string repository, string id, UploadStart start, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var session = new Session(repository, id, DateTimeOffset.FromUnixTimeSeconds(start.StartedAt.ToUnixTimeSeconds()));
            _sessions.Add(session.Name, session);
            return new(new MemoryUpload(this, session));
        }
    }

    public ValueTask<IStoredUpload?> OpenAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(!_sessions.TryGetValue($"{repository}/{id}", out Session? session) ? null
                : session.IsOpen ? throw new UploadBusyException($"{id}: somebody else has it")
                : new MemoryUpload(this, session));
        }
    }

    public ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_sessions.TryGetValue($"{repository}/{id}", out Session? session)
                ? new UploadProgress(session.Content.Length, session.StartedAt)
                : null);
        }
    }

    public ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_sessions.Remove($"{repository}/{id}"));
        }
    }

    public ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ListedUpload[] all =
                [.. _sessions.Values.Select(session => new ListedUpload(session.Repository, session.Id, session.StartedAt))];
            return new(page.Of(all, upload => upload.Name));
        }
    }

    private sealed class Session(string repository, string id, DateTimeOffset startedAt)
    {
        public string Repository => repository;

        public string Id => id;

        public string Name => $"{repository}/{id}";

        public DateTimeOffset StartedAt => startedAt;

        public MemoryStream Content { get; } = new();

        public byte[] HashState { get; set; } = [];

        public bool IsOpen { get; set; }
    }

    private sealed class MemoryUpload : IStoredUpload
    {
        private readonly MemoryUploads _uploads;
        private readonly Session _session;

        public MemoryUpload(MemoryUploads uploads, Session session)
        {
            _uploads = uploads;
            _session = session;
            _session.IsOpen = true;
        }

        public long Length => _session.Content.Length;

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
            new MemoryContent(_session.Content.ToArray()).ReadAsync(target, offset, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) => new(_session.HashState);

        public ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(offset, Length);
            _session.Content.Write(bytes.ToArray());
            _session.HashState = [];
            return default;
        }

        public ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default)
        {
            _session.HashState = hashState.ToArray();
            return default;
        }

        public async ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default)
        {
            await _uploads._blobs.WriteAsync(digest, _session.Content.ToArray(), cancellationToken);
            return true;
        }

        public async ValueTask CancelAsync(CancellationToken cancellationToken = default) =>
            await _uploads.DeleteAsync(_session.Repository, _session.Id, cancellationToken);

        public ValueTask DisposeAsync()
        {
            _session.IsOpen = false;
            return default;
        }
    }
}

internal sealed class MemoryContent(byte[] content) : IStoredContent
{
    public long Length => content.Length;

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default)
    {
        ReadOnlySpan<byte> rest = content.AsSpan((int)offset);
        rest = rest[..Math.Min(rest.Length, target.Length)];
        rest.CopyTo(target.Span);
        return new(rest.Length);
    }

    public ValueTask DisposeAsync() => default;
}
