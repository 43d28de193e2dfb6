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
        var blobs = new BlobDirectory(Root, options.Durability);
        var repositories = new RepositoryDirectories(_folder, options.Clock);
        Blobs = new FileSystemBlobs(blobs);
        Uploads = new FileSystemUploads(_folder, repositories, blobs, options.Durability);
        References = new FileSystemReferences(_folder, repositories, options);
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
    public IRegistryReferences References { get; }

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
    /// <remarks>The lock is on ROOT/docker/registry/v2, which a writer creates. docker-registry does not take this
    /// lock.</remarks>
    /// <exception cref="RootBusyException">Another process writes to the storage, or collects garbage.</exception>
    public IDisposable? Lock(StorageUse use) => StoreLock.Take(Root, _folder, use);
}
