using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Storage in files below ROOT/docker/registry/v2, byte for byte in the layout of docker-registry 2.8. Each of the two
/// programs serves what the other wrote; they can run in turn or at the same time.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class FileSystemStorage : IRegistryStorage
{
    private readonly string _folder;
    private readonly bool _isDurable;
    private readonly TimeProvider _clock;
    private readonly FileSystemReferences _references;
    private readonly BlobDirectory _blobs;
    private readonly FileSystemRecords _records;
    private readonly Lazy<bool> _isShared;

    /// <param name="root">The directory above <c>docker/registry/v2</c>. It is created when it has to be
    /// writable.</param>
    /// <param name="options">Durability and clock.</param>
    public FileSystemStorage(string root, FileSystemStorageOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        options ??= new FileSystemStorageOptions();
        Root = Path.GetFullPath(root);
        _folder = RegistryPaths.Folder(Root);
        _isDurable = options.Durability != Durability.None;
        _clock = options.Clock;
        _blobs = new BlobDirectory(Root, options.Durability);
        var repositories = new RepositoryDirectories(_folder, options.Clock);
        Blobs = new FileSystemBlobs(_blobs);
        Uploads = new FileSystemUploads(_folder, repositories, _blobs, options.Durability);
        _references = new FileSystemReferences(_folder, repositories, options);
        _records = new FileSystemRecords(_folder, _isDurable);
        _isShared = new Lazy<bool>(() => NetworkFileSystem.Has(Root));
    }

    /// <summary>The directory above <c>docker/registry/v2</c>.</summary>
    public string Root { get; }

    /// <inheritdoc/>
    public IRegistryBlobs Blobs { get; }

    /// <inheritdoc/>
    public IRegistryUploads Uploads { get; }

    /// <inheritdoc/>
    /// <remarks>A conditional replace excludes writes by this library in any process, but not writes by
    /// docker-registry.</remarks>
    public IRegistryReferences References => _references;

    /// <inheritdoc/>
    /// <remarks>Null on a network file system: its locks do not tell reliably whether a collector is still
    /// alive.</remarks>
    public IRegistryRecords? Records => _isShared.Value ? null : _records;

    /// <inheritdoc/>
    /// <exception cref="StoreException">The path is not a directory.</exception>
    /// <exception cref="SystemCallException">The kernel refuses read or write access.</exception>
    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default)
    {
        if (mayWrite)
        {
            StoreRoot.Prepare(Root, _isDurable);
        }
        else
        {
            StoreRoot.Require(Root);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ProbeAsync(CancellationToken cancellationToken = default)
    {
        FileStamp.TryGet(Path.Combine(_folder, RegistryPaths.Repositories), out _, out _);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default) => new(_clock.GetUtcNow());

    /// <inheritdoc/>
    public ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Records is null
            ? throw new NotSupportedException($"{Root}: is on a network file system, where garbage cannot be collected")
            : ValueTask.FromResult<IFencedDeletion>(
                FileSystemDeletion.Begin(Root, _folder, _references.DeleteGarbage, _blobs.DeleteGarbage));
    }
}
