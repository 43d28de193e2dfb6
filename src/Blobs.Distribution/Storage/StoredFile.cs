using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Distribution.Storage;

/// <summary>A file that is open for reading. Reads are synchronous, because an asynchronous read of a local file only
/// blocks another thread.</summary>
internal sealed class StoredFile : IStoredContent
{
    private readonly SafeFileHandle _file;

    private StoredFile(SafeFileHandle file)
    {
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    public long Length { get; }

    public static StoredFile? TryOpen(string path) => FileHandle.TryOpenRead(path) is { } file ? new StoredFile(file) : null;

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(RandomAccess.Read(_file, target.Span, offset));

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
