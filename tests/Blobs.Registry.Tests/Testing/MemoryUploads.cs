using System.Buffers;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Registry.Tests.Testing;

/// <summary>Upload sessions in memory.</summary>
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
