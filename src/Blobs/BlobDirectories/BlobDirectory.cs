using System.Runtime.Versioning;
using Blobs.BlobDirectories.Internal;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.BlobDirectories;

/// <summary>
/// Blobs by their digest in files below ROOT/docker/registry/v2/blobs, sharded as docker-registry keeps them: the blobs of a registry's
/// store, and the compressed layers that are kept beside a data root. A blob appears under its name complete or not at all.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class BlobDirectory
{
    /// <summary>Where the blobs are below a root.</summary>
    public const string Location = "docker/registry/v2/blobs";

    private readonly bool _isDurable;

    /// <param name="root">The directory above <c>docker/registry/v2</c>; made when the first blob comes.</param>
    /// <param name="durability">What is on disk before a call returns. Uploads are always flushed before they get their name.</param>
    public BlobDirectory(string root, Durability durability = Durability.Commit)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        Folder = Path.Combine(Path.GetFullPath(root), Location);
        _isDurable = durability != Durability.None;
    }

    /// <summary>The directory of the blobs.</summary>
    public string Folder { get; }

    /// <summary>The file of a blob, whether it is there or not.</summary>
    public string PathOf(Digest digest) => Path.Combine(Folder, BlobPaths.Data(digest));

    /// <summary>Whether the blob is there.</summary>
    public bool Contains(Digest digest) => FilePath.IsFile(PathOf(digest));

    /// <summary>Length and age of a blob; null when it is not there.</summary>
    public BlobStat? Stat(Digest digest) =>
        FileStamp.TryGet(PathOf(digest), out FileStamp stamp, out bool isDirectory) && !isDirectory
            ? new BlobStat(stamp.Length, stamp.ChangedAt)
            : null;

    /// <summary>Opens a blob for reading.</summary>
    /// <exception cref="NotFoundException">It is not there.</exception>
    /// <exception cref="SystemCallException">It may not be read.</exception>
    public Stream OpenRead(Digest digest)
    {
        string path = PathOf(digest);
        return FilePath.IsFile(path) ? FileHandle.OpenRead(path) : throw Missing(path, digest);
    }

    /// <summary>How long a blob is.</summary>
    /// <exception cref="NotFoundException">It is not there.</exception>
    public long LengthOf(Digest digest) => Stat(digest)?.Length ?? throw Missing(PathOf(digest), digest);

    /// <summary>Reads a blob whole; null when it is not there.</summary>
    /// <exception cref="StoreException">It has more than <paramref name="bytesMax"/> bytes.</exception>
    public byte[]? TryRead(Digest digest, int bytesMax)
    {
        string path = PathOf(digest);
        return FilePath.IsFile(path) ? SmallFile.TryRead(path, bytesMax) : null;
    }

    /// <summary>Blobs in the order of their digests.</summary>
    /// <param name="after">The digest they come after, which need not be there; null for the start.</param>
    public IEnumerable<Digest> List(Digest? after = null)
    {
        foreach (string algorithm in BlobPaths.Algorithms)
        {
            foreach (string shard in SharedDirectory.Names(Path.Combine(Folder, algorithm)))
            {
                if (after is { } last && string.CompareOrdinal($"{algorithm}:{shard}", $"{last}"[..(algorithm.Length + 3)]) < 0)
                {
                    continue;
                }

                foreach (string hex in SharedDirectory.Names(Path.Combine(Folder, algorithm, shard)))
                {
                    if (Digest.TryParse($"{algorithm}:{hex}", null, out Digest digest) && !(digest <= after))
                    {
                        yield return digest;
                    }
                }
            }
        }
    }

    /// <summary>Writes a small blob; one that is there is replaced in one step.</summary>
    public void Write(Digest digest, ReadOnlyMemory<byte> content) =>
        AtomicFile.ReplaceDeep(PathOf(digest), content, TemporaryNames.Registry, _isDurable);

    /// <summary>Moves a finished file of the same file system to its place among the blobs; it is flushed before by who wrote it.</summary>
    public void Adopt(string path, Digest digest) => AtomicFile.PublishDeep(path, PathOf(digest), _isDurable);

    /// <summary>Makes a blob as young as one that was just written; false when it is not there.</summary>
    public bool TryTouch(Digest digest) => SharedDirectory.TryTouch(PathOf(digest));

    /// <summary>Deletes a blob; false when it was not there.</summary>
    public bool Delete(Digest digest)
    {
        string path = PathOf(digest);
        bool isThere = FilePath.IsFile(path);
        return SharedDirectory.Remove(Path.GetDirectoryName(path)!, _isDurable) && isThere;
    }

    /// <summary>Begins a blob whose digest its writer will know at the end.</summary>
    public IBlobUpload BeginUpload() => new BlobUpload(Folder);

    /// <summary>Begins a blob whose digest is known, or goes on with what is there of it; null when somebody else is at it.</summary>
    public PartialBlob? TryResume(Digest digest) =>
        PartialBlob.TryOpen(Path.Combine(Folder, BlobPaths.Partial(digest)), PathOf(digest));

    /// <summary>Removes what writers left that died before their blob had a digest. What a living writer has open stays.</summary>
    public void SweepUploads()
    {
        foreach (string file in FilePath.IsDirectory(Folder) ? DirectoryList.Files(Folder, $"{BlobPaths.UploadPrefix}*") : [])
        {
            // Who writes it has a lock on it.
            if (FileLock.TryTake(file, isExclusive: true, out FileLock? taken) == Errno.None)
            {
                File.Delete(file);
            }

            taken?.Dispose();
        }
    }

    private static NotFoundException Missing(string path, Digest digest) => new(path, $"{path}: there is no blob {digest}");
}
