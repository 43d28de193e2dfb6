namespace Blobs.Distribution.Storage;

/// <summary>Bytes in a storage, open for reading at any place.</summary>
public interface IStoredContent : IAsyncDisposable
{
    /// <summary>How many bytes there are.</summary>
    long Length { get; }

    /// <summary>Reads up to a buffer full; 0 only at the end, or for an empty buffer.</summary>
    ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default);
}
