namespace Blobs.Distribution.Storage;

/// <summary>Stored content that is open for reading at any offset.</summary>
public interface IStoredContent : IAsyncDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads at most as many bytes as the buffer holds. Returns 0 only at the end, or for an empty
    /// buffer.</summary>
    ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default);
}
