using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.BlobDirectories;

/// <summary>
/// Stores blobs as files below ROOT/docker/registry/v2/blobs, sharded by digest as docker-registry does. Holds the
/// blobs of a registry's store, and the kept blobs of a data root. Blobs appear atomically, complete.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class BlobDirectory
{
    /// <summary>Path of the blobs below a root.</summary>
    public const string Location = "docker/registry/v2/blobs";

    private readonly bool _isDurable;

    /// <param name="root">The directory above <c>docker/registry/v2</c>; created with the first blob.</param>
    /// <param name="durability">What is flushed before a call returns. Uploads are always flushed before they get their
    /// name.</param>
    public BlobDirectory(string root, Durability durability = Durability.Commit)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        Folder = Path.Combine(Path.GetFullPath(root), Location);
        _isDurable = durability != Durability.None;
    }

    /// <summary>The directory of the blobs.</summary>
    public string Folder { get; }

    /// <summary>The path of a blob's file, whether the blob exists or not.</summary>
    public string PathOf(Digest digest) => Path.Combine(Folder, BlobPaths.Data(digest));

    /// <summary>Whether the blob exists.</summary>
    public bool Contains(Digest digest) => FilePath.IsFile(PathOf(digest));

    /// <summary>Length and change time of a blob; null when it does not exist.</summary>
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

    /// <summary>The length of a blob.</summary>
    /// <exception cref="NotFoundException">It is not there.</exception>
    public long LengthOf(Digest digest) => Stat(digest)?.Length ?? throw Missing(PathOf(digest), digest);

    /// <summary>Reads a whole blob; null when it does not exist.</summary>
    /// <exception cref="StoreException">It has more than <paramref name="bytesMax"/> bytes.</exception>
    public byte[]? TryRead(Digest digest, int bytesMax)
    {
        string path = PathOf(digest);
        return FilePath.IsFile(path) ? SmallFile.TryRead(path, bytesMax) : null;
    }

    /// <summary>Lists the blobs in the order of their digests.</summary>
    /// <param name="after">List only digests after this one, which need not exist; all when null.</param>
    public IEnumerable<Digest> List(Digest? after = null)
    {
        foreach (string algorithm in DigestText.Algorithms)
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

    /// <summary>Writes a small blob; an existing one is replaced atomically.</summary>
    public void Write(Digest digest, ReadOnlyMemory<byte> content) =>
        AtomicFile.ReplaceDeep(PathOf(digest), content, TemporaryNames.Registry, _isDurable);

    /// <summary>Moves a complete file of the same file system to the blob's path; its writer must have flushed
    /// it.</summary>
    public void Adopt(string path, Digest digest) => AtomicFile.PublishDeep(path, PathOf(digest), _isDurable);

    /// <summary>Sets a blob's times to now, as if it had just been written; false when it does not exist.</summary>
    public bool TryTouch(Digest digest) => SharedDirectory.TryTouch(PathOf(digest));

    /// <summary>Deletes a blob; false when it did not exist.</summary>
    public bool Delete(Digest digest)
    {
        string path = PathOf(digest);
        bool isThere = FilePath.IsFile(path);
        return SharedDirectory.Remove(Path.GetDirectoryName(path)!, _isDurable) && isThere;
    }

    /// <summary>Does the same with fewer system calls, and without a flush: for garbage, which may return after a power
    /// failure.</summary>
    public bool DeleteGarbage(Digest digest) => SharedDirectory.RemoveWithFolder(PathOf(digest));

    /// <summary>Begins a blob whose digest is not known until the end.</summary>
    public IBlobUpload BeginUpload() => new BlobUpload(Folder);

    /// <summary>Begins a blob of known digest, or resumes a partial one; null when another process is writing
    /// it.</summary>
    public PartialBlob? TryResume(Digest digest) =>
        PartialBlob.TryOpen(Path.Combine(Folder, BlobPaths.Partial(digest)), PathOf(digest));

    /// <summary>Removes the files of dead writers whose blob had no digest yet. Files that a live writer has open
    /// stay.</summary>
    public void SweepUploads() => Unused($"{BlobPaths.UploadPrefix}*").ForEach(File.Delete);

    /// <summary>The files of blobs that are not complete and that no writer has open: what an interrupted transfer
    /// left, for the next one to resume or not.</summary>
    public IReadOnlyList<string> Unfinished() => [.. Unused($"{BlobPaths.UploadPrefix}*"), .. Unused($"{BlobPaths.PartialPrefix}*")];

    // A live writer holds a lock on its file.
    private List<string> Unused(string pattern)
    {
        var unused = new List<string>();
        foreach (string file in FilePath.IsDirectory(Folder) ? DirectoryList.Files(Folder, pattern) : [])
        {
            int errno = FileLock.TryTake(file, isExclusive: true, out FileLock? taken);
            taken?.Dispose();
            if (errno == Errno.None)
            {
                unused.Add(file);
            }
        }

        return unused;
    }

    private static NotFoundException Missing(string path, Digest digest) => new(path, $"{path}: there is no blob {digest}");
}
