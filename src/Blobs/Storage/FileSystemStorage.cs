using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Storage;

/// <summary>
/// Files below ROOT/docker/registry/v2, byte for byte as docker-registry 2.8 keeps them: each of the two serves what the other wrote,
/// in turns or at the same time.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class FileSystemStorage : IRegistryStorage
{
    // Enough for whoever works on the same directory, a few times over.
    private const int Attempts = 32;

    private readonly string _folder;
    private readonly Durability _durability;
    private readonly KnownFiles<ReadOnlyMemory<byte>> _smallFiles;
    private readonly KnownFiles<IReadOnlyList<string>> _lists;

    /// <param name="root">The directory above <c>docker/registry/v2</c>; made when it is to be written to.</param>
    /// <param name="options">How to write.</param>
    public FileSystemStorage(string root, FileSystemStorageOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        options ??= new FileSystemStorageOptions();
        Root = Path.GetFullPath(root);
        _folder = RegistryPaths.Folder(Root);
        _durability = options.Durability;
        _smallFiles = new KnownFiles<ReadOnlyMemory<byte>>(options.Clock);
        _lists = new KnownFiles<IReadOnlyList<string>>(options.Clock);
    }

    /// <summary>The directory above <c>docker/registry/v2</c>.</summary>
    public string Root { get; }

    private bool IsDurable => _durability != Durability.None;

    /// <inheritdoc/>
    /// <exception cref="StoreException">Its place is not a directory.</exception>
    /// <exception cref="SystemCallException">The kernel refuses to let it be read, or written to.</exception>
    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default)
    {
        if (mayWrite)
        {
            StoreRoot.Prepare(Root, IsDurable);
        }
        else
        {
            StoreRoot.Require(Root);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<long?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        bool isFile = FileStamp.TryGet(PathOf(key), out FileStamp stamp, out bool isDirectory) && !isDirectory;
        return ValueTask.FromResult<long?>(isFile ? stamp.Length : null);
    }

    /// <inheritdoc/>
    public ValueTask<IStoredContent?> OpenAsync(string key, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IStoredContent?>(StoredFile.TryOpen(PathOf(key)));

    /// <inheritdoc/>
    /// <exception cref="StoreException">The file is longer than <paramref name="bytesMax"/>.</exception>
    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string key, int bytesMax, CancellationToken cancellationToken = default)
    {
        string path = PathOf(key);
        if (!FileStamp.TryGet(path, out FileStamp stamp, out bool isDirectory) || isDirectory)
        {
            return default;
        }

        if (_smallFiles.TryGet(path, stamp, out ReadOnlyMemory<byte> known))
        {
            return ValueTask.FromResult<ReadOnlyMemory<byte>?>(known);
        }

        byte[]? content = SmallFile.TryRead(path, bytesMax);
        if (content is { Length: <= KnownFiles.SmallBytesMax })
        {
            _smallFiles.Remember(path, stamp, content);
        }

        return ValueTask.FromResult<ReadOnlyMemory<byte>?>(content);
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AtomicFile.ReplaceDeep(PathOf(key), content, TemporaryNames.Registry, IsDurable);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string key, CancellationToken cancellationToken = default)
    {
        string path = PathOf(key);
        if (!FileStamp.TryGet(path, out FileStamp stamp, out bool isDirectory) || !isDirectory)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>([]);
        }

        if (!_lists.TryGet(path, stamp, out IReadOnlyList<string>? names))
        {
            names = Names(path);
            if (names.Count <= KnownFiles.NamesMax)
            {
                _lists.Remember(path, stamp, names);
            }
        }

        return ValueTask.FromResult(names);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(key);
        if (!FileStamp.TryGet(path, out _, out _))
        {
            return ValueTask.FromResult(false);
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                TreeRemover.Remove(path);
                if (IsDurable)
                {
                    DurableDirectory.Flush(Path.GetDirectoryName(path)!);
                }

                return ValueTask.FromResult(true);
            }
            catch (Exception moved) when (attempt < Attempts && IsOfAnother(moved))
            {
                // Somebody else deletes the same, or writes below it: what is there now is looked at again.
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IStoredUpload> CreateUploadAsync(
        string folder, DateTimeOffset startedAt, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IStoredUpload>(UploadFile.Create(PathOf(folder), startedAt, PathOf, _durability));
    }

    /// <inheritdoc/>
    /// <exception cref="StoreException">Somebody else has it.</exception>
    public ValueTask<IStoredUpload?> OpenUploadAsync(string folder, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IStoredUpload?>(UploadFile.TryOpen(PathOf(folder), PathOf, _durability));

    /// <inheritdoc/>
    /// <remarks>The lock is on ROOT/docker/registry/v2, which a writer makes. docker-registry does not know it.</remarks>
    /// <exception cref="RootBusyException">Somebody writes, or collects garbage.</exception>
    public IDisposable? Lock(StorageUse use) => StoreLock.Take(Root, _folder, use);

    private static bool IsOfAnother(Exception fault) =>
        fault is DirectoryNotFoundException or SystemCallException { Errno: Errno.NotFound or Errno.NotEmpty };

    private static string[] Names(string path)
    {
        try
        {
            string[] names = [.. DirectoryList.Entries(path).Select(entry => Path.GetFileName(entry)!)];
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (SystemCallException fault) when (Errno.IsMissing(fault.Errno))
        {
            return [];
        }
    }

    private string PathOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return string.Concat(_folder, "/", key);
    }
}
