namespace Blobs.Storage;

/// <summary>
/// What a registry asks of the place where its bytes are: ranged reads, small files, lists, and uploads that grow and are then
/// committed. Keys are relative paths with slashes, made of names that were checked before they come here; what the keys mean only
/// <see cref="RegistryStore"/> knows. Nothing is renamed and nothing is appended to except an upload, so that an object store can do it.
/// </summary>
public interface IRegistryStorage
{
    /// <summary>Called once, before anything else, by who is about to serve the storage or to collect in it.</summary>
    /// <param name="mayWrite">Whether it is made where it is not there, and has to be writable.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="Errors.NotFoundException">It is not there, and not to be made.</exception>
    /// <exception cref="Errors.BlobsException">It cannot be read, or not be written to.</exception>
    ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>How many bytes stand under a key; null when there is no such file.</summary>
    ValueTask<long?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Opens what stands under a key for reading; null when there is no such file. What was opened stays readable when the key
    /// is written anew or deleted meanwhile.</summary>
    ValueTask<IStoredContent?> OpenAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Reads a file of at most <paramref name="bytesMax"/> bytes whole; null when there is none. The answer is never older than
    /// the call, whoever else writes to the same place, and must not be changed.</summary>
    /// <exception cref="Errors.StoreException">The file is longer.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string key, int bytesMax, CancellationToken cancellationToken = default);

    /// <summary>Writes a small file, or replaces it: readers see the old content or the new one, nothing between. When the call returns it
    /// is as durable as the storage promises.</summary>
    ValueTask WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Names directly below a key, files and folders alike, in bytewise order; empty when there is nothing. A folder may be listed
    /// that has nothing in it any more. While nothing changed the same list may be returned again.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Deletes a file, or a folder with everything below it; false when there was nothing.</summary>
    ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Begins an upload in a folder of its own, which tells other programs when it was started.</summary>
    ValueTask<IStoredUpload> CreateUploadAsync(string folder, DateTimeOffset startedAt, CancellationToken cancellationToken = default);

    /// <summary>Goes on with an upload that anybody began; null when there is none. Only one at a time can have it.</summary>
    /// <exception cref="Errors.StoreException">Somebody else has it.</exception>
    ValueTask<IStoredUpload?> OpenUploadAsync(string folder, CancellationToken cancellationToken = default);

    /// <summary>Says what this process does to the storage, until the answer is disposed. Any number may write at once; whoever collects
    /// garbage must be alone, as a blob that was just pushed looks like one that nobody needs. Nobody waits for the other. Null where a
    /// storage has no such lock.</summary>
    /// <exception cref="Errors.RootBusyException">Somebody is at work who excludes this.</exception>
    IDisposable? Lock(StorageUse use) => null;
}
