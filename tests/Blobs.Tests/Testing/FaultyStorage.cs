using System.Buffers;
using Blobs.Storage;

namespace Blobs.Tests.Testing;

/// <summary>A storage that fails once: at the how manieth call that changes something.</summary>
internal sealed class FaultyStorage(IRegistryStorage inner) : IRegistryStorage
{
    /// <summary>Calls until the one that fails; it never fails below zero.</summary>
    public int CallsLeft { get; set; } = -1;

    public ValueTask<long?> FindAsync(string key, CancellationToken cancellationToken = default) => inner.FindAsync(key, cancellationToken);

    public ValueTask<IStoredContent?> OpenAsync(string key, CancellationToken cancellationToken = default) => inner.OpenAsync(key, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string key, int bytesMax, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(key, bytesMax, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(string key, CancellationToken cancellationToken = default) =>
        inner.ListAsync(key, cancellationToken);

    public ValueTask WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        Count();
        return inner.WriteAsync(key, content, cancellationToken);
    }

    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        Count();
        return inner.DeleteAsync(key, cancellationToken);
    }

    public async ValueTask<IStoredUpload> CreateUploadAsync(string folder, DateTimeOffset startedAt, CancellationToken cancellationToken = default)
    {
        Count();
        return new FaultyUpload(this, await inner.CreateUploadAsync(folder, startedAt, cancellationToken));
    }

    public async ValueTask<IStoredUpload?> OpenUploadAsync(string folder, CancellationToken cancellationToken = default) =>
        await inner.OpenUploadAsync(folder, cancellationToken) is { } upload ? new FaultyUpload(this, upload) : null;

    private void Count()
    {
        if (CallsLeft >= 0 && CallsLeft-- == 0)
        {
            throw new IOException("refused");
        }
    }

    private sealed class FaultyUpload(FaultyStorage storage, IStoredUpload inner) : IStoredUpload
    {
        public long Length => inner.Length;

        public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(target, offset, cancellationToken);

        public ValueTask AppendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.AppendAsync(bytes, cancellationToken);
        }

        public ValueTask CommitAsync(string key, CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.CommitAsync(key, cancellationToken);
        }

        public ValueTask DeleteAsync(CancellationToken cancellationToken = default)
        {
            storage.Count();
            return inner.DeleteAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
