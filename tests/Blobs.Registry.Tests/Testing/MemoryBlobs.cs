using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Registry.Tests.Testing;

/// <summary>Blobs in memory.</summary>
internal sealed class MemoryBlobs : IRegistryBlobs
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Digest, (byte[] Content, DateTimeOffset ChangedAt)> _blobs = [];

    /// <summary>Whether all content ends one byte before its length, as that of a damaged file can.</summary>
    public bool EndsEarly { get; set; }

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
            return new(_blobs.TryGetValue(digest, out (byte[] Content, DateTimeOffset) blob) ? new MemoryContent(blob.Content, EndsEarly ? 1 : 0) : null);
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
