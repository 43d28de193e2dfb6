using System.Security.Cryptography;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.BlobDirectories;

/// <summary>A blob in a file out of sight, made when its first bytes come, moved to its place once its digest is known.</summary>
internal sealed class BlobUpload(string folder) : IBlobUpload
{
    public const UnixFileMode DirectoryMode = SmallFile.Readable
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _path = Path.Combine(
        folder, BlobPaths.Upload(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))));

    private readonly MadeDirectories _made = new(isDurable: true);
    private NewFile? _file;
    private bool _isCommitted;

    public void Write(ReadOnlySpan<byte> bytes) => Open().Write(bytes);

    public async ValueTask CommitAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        NewFile file = Open();
        file.FlushToDisk();
        await file.DisposeAsync().ConfigureAwait(false);
        string target = Path.Combine(folder, BlobPaths.Data(digest));
        _made.Ensure(Path.GetDirectoryName(target)!, DirectoryMode);

        // The same bytes may be there already: replacing them by themselves changes nothing for whoever reads.
        AtomicFile.Publish(_path, target);
        _isCommitted = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isCommitted)
        {
            return;
        }

        if (_file is not null)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
            File.Delete(_path);
        }

        _made.Undo();
    }

    private NewFile Open()
    {
        if (_file is null)
        {
            _made.Ensure(folder, DirectoryMode);
            _file = NewFile.Create(_path, folder, SmallFile.Readable);
        }

        return _file;
    }
}
