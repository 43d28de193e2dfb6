using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.Storage;

/// <summary>Blobs by their digest, sharded on disk as the reference registry keeps them.</summary>
[SupportedOSPlatform("linux")]
public sealed class BlobStore
{
    private readonly string _folder;

    /// <param name="root">The directory above <c>docker/registry/v2</c>; made when the first blob comes.</param>
    public BlobStore(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _folder = RegistryPaths.Folder(Path.GetFullPath(root));
    }

    /// <summary>Whether the blob is there.</summary>
    public bool Contains(Digest digest) => FilePath.IsFile(PathOf(digest));

    /// <summary>Opens a blob for reading.</summary>
    /// <exception cref="NotFoundException">The store does not have it.</exception>
    /// <exception cref="SystemCallException">It may not be read.</exception>
    public Stream OpenRead(Digest digest)
    {
        string path = PathOf(digest);
        return FilePath.IsFile(path) ? FileHandle.OpenRead(path) : throw Missing(path, digest);
    }

    /// <summary>How long a blob is that is there.</summary>
    internal long LengthOf(Digest digest)
    {
        string path = PathOf(digest);
        return FileStamp.TryGet(path, out FileStamp stamp, out bool isDirectory) && !isDirectory
            ? stamp.Length
            : throw Missing(path, digest);
    }

    /// <summary>Removes what writers left that died before their blob had a digest. What a living writer has open stays.</summary>
    public void SweepUploads()
    {
        string uploads = Path.Combine(_folder, RegistryPaths.Blobs);
        foreach (string file in FilePath.IsDirectory(uploads) ? DirectoryList.Files(uploads, $"{RegistryPaths.LoneUploadPrefix}*") : [])
        {
            // Who writes it has a lock on it.
            if (FileLock.TryTake(file, isExclusive: true, out FileLock? taken) == Errno.None)
            {
                File.Delete(file);
            }

            taken?.Dispose();
        }
    }

    /// <summary>Begins a blob whose digest its writer will know at the end.</summary>
    public IBlobUpload BeginUpload() => new BlobUpload(_folder);

    /// <summary>Begins a blob whose digest is known, or goes on with what is there of it; null when somebody else is at it.</summary>
    internal PartialBlob? TryResume(Digest digest) =>
        PartialBlob.TryOpen(Path.Combine(_folder, RegistryPaths.LonePartial(digest)), PathOf(digest));

    private static NotFoundException Missing(string path, Digest digest) => new(path, $"{path}: there is no blob {digest}");

    private string PathOf(Digest digest) => Path.Combine(_folder, RegistryPaths.Blob(digest));
}
