using System.Security.Cryptography;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.BlobDirectories;

/// <summary>A blob in a temporary file, created with its first bytes and renamed once its digest is known.</summary>
internal sealed class BlobUpload(string folder) : IBlobUpload
{
    private readonly string _path = Path.Combine(
        folder, BlobPaths.Upload(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))));

    private readonly MadeDirectories _made = new(isDurable: true);
    private AtomicFile? _file;

    public void Write(ReadOnlySpan<byte> bytes) => Open().Stream.Write(bytes);

    public ValueTask CommitAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AtomicFile file = Open();
        string target = Path.Combine(folder, BlobPaths.Data(digest));
        _made.Ensure(Path.GetDirectoryName(target)!, MadeDirectories.Readable);

        // An existing blob has the same bytes, so replacing it does not affect readers.
        file.Commit(target);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _file?.Dispose();

        // Directories that hold a blob are not empty, and stay.
        _made.Undo();
        return ValueTask.CompletedTask;
    }

    private AtomicFile Open()
    {
        if (_file is null)
        {
            _made.Ensure(folder, MadeDirectories.Readable);
            _file = AtomicFile.CreateAt(_path, folder, SmallFile.Readable);
        }

        return _file;
    }
}
