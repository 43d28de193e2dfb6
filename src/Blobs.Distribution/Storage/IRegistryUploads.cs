namespace Blobs.Distribution.Storage;

/// <summary>Uploads: blobs of which some has come, and whose digest is known at the end. Any host may go on with one that another
/// began.</summary>
public interface IRegistryUploads
{
    /// <summary>Begins an upload, and notes when that was.</summary>
    /// <param name="repository">Where it is to go.</param>
    /// <param name="id">Its name among the uploads of the repository, a new one.</param>
    /// <param name="startedAt">The time, in whole seconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IStoredUpload> BeginAsync(
        string repository, string id, DateTimeOffset startedAt, CancellationToken cancellationToken = default);

    /// <summary>Goes on with an upload; null when there is none.</summary>
    /// <exception cref="UploadBusyException">Somebody else has it, where a storage lets only one at a time have it.</exception>
    ValueTask<IStoredUpload?> OpenAsync(string repository, string id, CancellationToken cancellationToken = default);

    /// <summary>How far an upload is, without disturbing it; null when there is none.</summary>
    ValueTask<UploadProgress?> FindAsync(string repository, string id, CancellationToken cancellationToken = default);

    /// <summary>Ends an upload that its owner gave up, and removes what came; false when there was none.</summary>
    ValueTask<bool> DeleteAsync(string repository, string id, CancellationToken cancellationToken = default);

    /// <summary>Lists uploads of all repositories, in the order of <see cref="ListedUpload.Name"/>.</summary>
    ValueTask<RegistryListing<ListedUpload>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default);
}
