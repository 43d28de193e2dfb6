namespace Blobs.Distribution.Storage;

/// <summary>Stored content that is open for reading at any offset.</summary>
public interface IStoredContent : IAsyncDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to as many bytes as the buffer holds, and returns their number. It is 0 only at the end, or
    /// for an empty buffer.</summary>
    ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default);
}
