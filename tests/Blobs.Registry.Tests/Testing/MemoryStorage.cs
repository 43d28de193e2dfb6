using System.Buffers;
using Blobs.Errors;
using Blobs.Storage;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A storage as somebody outside the project would write it: this project sees only what is public of the library.</summary>
internal sealed class MemoryStorage : IRegistryStorage
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemoryUpload> _uploads = new(StringComparer.Ordinal);
    private int _writers;
    private bool _isCollected;

    public ValueTask<long?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_files.TryGetValue(key, out byte[]? content) ? content.Length : UploadOf(key)?.Length);
        }
    }

    public ValueTask<IStoredContent?> OpenAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_files.TryGetValue(key, out byte[]? content) ? new MemoryContent(content) : null);
        }
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string key, int bytesMax, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return !_files.TryGetValue(key, out byte[]? content) ? default
                : content.Length <= bytesMax ? new(content)
                : throw new StoreException(key, $"{key}: has {content.Length} bytes, expected at most {bytesMax}");
        }
    }

    public ValueTask WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _files[key] = content.ToArray();
            return default;
        }
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new([.. _files.Keys.Where(name => name.StartsWith($"{key}/", StringComparison.Ordinal))
                .Select(name => name[(key.Length + 1)..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)]);
        }
    }

    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            string[] names = [.. _files.Keys.Where(name => name == key || name.StartsWith($"{key}/", StringComparison.Ordinal))];
            Array.ForEach(names, name => _files.Remove(name));
            return new(names.Length > 0);
        }
    }

    public ValueTask<IStoredUpload> CreateUploadAsync(string folder, DateTimeOffset startedAt, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_uploads[folder] = new MemoryUpload(this, folder));
        }
    }

    public ValueTask<IStoredUpload?> OpenUploadAsync(string folder, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return new(_uploads.GetValueOrDefault(folder));
        }
    }

    public IDisposable? Lock(StorageUse use)
    {
        lock (_lock)
        {
            if (_isCollected || (use == StorageUse.Collect && _writers > 0))
            {
                throw new RootBusyException("memory", Environment.ProcessId, "memory: somebody is at work in it");
            }

            _isCollected = use == StorageUse.Collect;
            _writers += use == StorageUse.Write ? 1 : 0;
            return new Hold(this, use);
        }
    }

    private MemoryUpload? UploadOf(string key) => key.EndsWith("/data", StringComparison.Ordinal) ? _uploads.GetValueOrDefault(key[..^5]) : null;

    private sealed class MemoryContent(byte[] content) : IStoredContent
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

    private sealed class MemoryUpload(MemoryStorage storage, string folder) : IStoredUpload
    {
        private readonly MemoryStream _content = new();

        public long Length => _content.Length;

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
            new MemoryContent(_content.ToArray()).ReadAsync(target, offset, cancellationToken);

        public ValueTask AppendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
        {
            _content.Write(bytes.ToArray());
            return default;
        }

        public async ValueTask CommitAsync(string key, CancellationToken cancellationToken = default)
        {
            await storage.WriteAsync(key, _content.ToArray(), cancellationToken);
            await DeleteAsync(cancellationToken);
        }

        public ValueTask DeleteAsync(CancellationToken cancellationToken = default)
        {
            lock (storage._lock)
            {
                storage._uploads.Remove(folder);
                return default;
            }
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Hold(MemoryStorage storage, StorageUse use) : IDisposable
    {
        public void Dispose()
        {
            lock (storage._lock)
            {
                storage._isCollected = false;
                storage._writers -= use == StorageUse.Write ? 1 : 0;
            }
        }
    }
}
