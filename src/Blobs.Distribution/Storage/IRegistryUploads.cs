using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>Upload sessions: blobs that arrive in parts, and whose digest is known only at the end. Any host can resume
/// an upload that another host began.</summary>
public interface IRegistryUploads
{
    /// <summary>Begins an upload, and records its start time.</summary>
    /// <param name="repository">The repository that will receive the blob.</param>
    /// <param name="id">The id of the upload, new in this repository.</param>
    /// <param name="start">When it begins, and what is known about the blob.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<IStoredUpload> BeginAsync(
        string repository, string id, UploadStart start, CancellationToken cancellationToken = default);

    /// <summary>Resumes an upload; null when it does not exist. An upload may be open elsewhere. A storage then either
    /// waits until it is not, or lets only the first save: another <see cref="IStoredUpload.SaveAsync"/> or
    /// <see cref="IStoredUpload.PublishAsync"/> fails.</summary>
    ValueTask<IStoredUpload?> OpenAsync(string repository, string id, CancellationToken cancellationToken = default);

    /// <summary>Returns the progress of an upload without opening it; null when it does not exist.</summary>
    ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default);

    /// <summary>Deletes an abandoned upload and its data; false when it did not exist.</summary>
    ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default);

    /// <summary>Lists the uploads of all repositories, in the order of <see cref="ListedUpload.Name"/>.</summary>
    ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default);

    /// <summary>Deletes what is left of uploads that are in no list, because their host died before the blob was complete, and
    /// that nobody can go on with. A storage without such uploads does nothing.</summary>
    /// <param name="before">Only of uploads that began before this time. A storage keeps them longer if it has to.</param>
    /// <param name="isDryRun">Deletes nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The digests that these uploads were for, one for each.</returns>
    ValueTask<IReadOnlyList<Digest>> DeleteLostAsync(DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken = default) =>
        new([]);
}
