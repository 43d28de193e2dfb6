using System.Runtime.Versioning;
using System.Security.Cryptography;
using Blobs.Files;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An archive in a file: written beside its place, moved in when it is whole.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ArchiveFileTarget : IImageTarget
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly IImageTarget _archive;
    private bool _isCommitted;

    public ArchiveFileTarget(string path, Func<Stream, IImageTarget> archive)
    {
        _path = Path.GetFullPath(path);
        _temporary = $"{_path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        _file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        _archive = archive(_file);
    }

    public Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default) => _archive.TakeAsync(image, names, progress, cancellationToken);

    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        await _archive.CommitAsync(cancellationToken).ConfigureAwait(false);
        FileHandle.FlushToDisk(_file);
        AtomicFile.Publish(_temporary, _path);
        _isCommitted = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _archive.DisposeAsync().ConfigureAwait(false);
        await _file.DisposeAsync().ConfigureAwait(false);
        if (!_isCommitted)
        {
            File.Delete(_temporary);
        }
    }
}
