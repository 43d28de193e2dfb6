using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>Uploads, each in its own folder below its repository.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileSystemUploads(
    string folder, RepositoryDirectories repositories, BlobDirectory blobs, Durability durability) : IRegistryUploads
{
    private const int StartedAtBytesMax = 64;

    public ValueTask<IStoredUpload> BeginAsync(
        string repository, string id, UploadStart start, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IStoredUpload>(UploadFile.Create(FolderOf(repository, id), start.StartedAt, blobs, durability));
    }

    public async ValueTask<IStoredUpload?> OpenAsync(
        string repository, string id, CancellationToken cancellationToken = default) =>
        await UploadFile.TryOpenAsync(FolderOf(repository, id), blobs, durability, cancellationToken).ConfigureAwait(false);

    public ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        string upload = FolderOf(repository, id);
        bool isThere = FileStamp.TryGet(Path.Combine(upload, RegistryPaths.Data), out FileStamp stamp, out bool isDirectory);
        return ValueTask.FromResult(isThere && !isDirectory
            ? new UploadProgress(stamp.Length, StartOf(upload))
            : null);
    }

    public ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(SharedDirectory.Remove(FolderOf(repository, id), durability != Durability.None));
    }

    public ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
    {
        var uploads = new List<ListedUpload>();
        foreach (string repository in repositories.RepositoriesWith(RegistryPaths.UploadsFolder, cancellationToken))
        {
            foreach (string id in repositories.Names(RegistryPaths.Uploads(repository)))
            {
                uploads.Add(new ListedUpload(repository, id, StartOf(FolderOf(repository, id))));
            }
        }

        uploads.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return ValueTask.FromResult(page.Of(uploads, static upload => upload.Name));
    }

    // Garbage collection leaves an upload without a readable start time alone, as the reference registry does.
    private static DateTimeOffset? StartOf(string upload)
    {
        try
        {
            return SmallFile.TryRead(Path.Combine(upload, RegistryPaths.StartedAt), StartedAtBytesMax) is { } text
                && DateTimeOffset.TryParse(
                    Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
                ? time
                : null;
        }
        catch (StoreException)
        {
            // The file is longer than any time.
            return null;
        }
    }

    private string FolderOf(string repository, string id) => string.Concat(folder, "/", RegistryPaths.Upload(repository, id));
}
