namespace Blobs.Distribution.Storage;

/// <summary>
/// Storage of a registry: blobs and manifests by digest, uploads in progress, the references that give repositories
/// their blobs, manifests and tags, and the records by which hosts and garbage collectors agree. Implement it to keep a
/// registry elsewhere, such as in an object store.
/// <para>
/// <see cref="RegistryStore"/> decides what is written, and in which order; a storage only keeps it. All methods may be
/// called concurrently, by any number of requests and processes. A write is visible to every call that begins after the
/// write has returned, in any process. By then, the write is as durable as the storage promises. Repository names, tags
/// and ids are validated before they are passed in: they contain no <c>..</c>, no empty part and no control character.
/// </para>
/// <para>
/// A reader that has opened a blob gets all of it, as long as it is not deleted: writing the same blob again does not
/// disturb it. When garbage collection or a user deletes the blob, the reader may get fewer bytes than its length, but
/// never wrong ones; a storage says in its own documentation whether that can happen.
/// </para>
/// <para>
/// A storage reports a fault as an exception, never as a result: it says that something does not exist only when it
/// does not. A cancelled call has either no effect or its full effect.
/// </para>
/// </summary>
public interface IRegistryStorage
{
    /// <summary>Blobs and manifests by digest.</summary>
    IRegistryBlobs Blobs { get; }

    /// <summary>Uploads in progress.</summary>
    IRegistryUploads Uploads { get; }

    /// <summary>The blobs, manifests and tags of each repository.</summary>
    IRegistryReferences References { get; }

    /// <summary>Whether several hosts may use the storage at the same time. Valid once the storage is
    /// prepared.</summary>
    SharedUse Sharing => SharedUse.Possible;

    /// <summary>Prepares the storage. A registry or garbage collector calls it once, before anything else.</summary>
    /// <param name="mayWrite">Whether to create a missing storage, and to require that it is writable.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="Errors.NotFoundException">The storage does not exist, and must not be created.</exception>
    /// <exception cref="StorageUnavailableException">The storage does not answer; the call may be repeated.</exception>
    /// <exception cref="Errors.BlobsException">The storage cannot be read, or cannot be written to.</exception>
    ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>Makes a cheap request, to find out whether the storage responds.</summary>
    ValueTask ProbeAsync(CancellationToken cancellationToken = default);

    /// <summary>The records by which hosts and garbage collectors agree; null when the storage cannot write on condition,
    /// so that no garbage can be collected in it. Valid once the storage is prepared.</summary>
    IRegistryRecords? Records => null;

    /// <summary>The same records, by which a host that must be alone finds out that it is not. The conditions of their
    /// writes need not have any effect. Null when the storage has no records at all.</summary>
    IRegistryRecords? HostRecords => Records;

    /// <summary>Returns the time by the clock that gives blobs and references their ages, and by which deadlines are
    /// judged.</summary>
    ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default) => new(DateTimeOffset.UtcNow);

    /// <summary>Whether what is deleted goes on taking up space, as in a bucket with versions. Programs warn about it
    /// before they collect garbage.</summary>
    ValueTask<bool> KeepsDeletedAsync(CancellationToken cancellationToken = default) => new(false);

    /// <summary>Begins a garbage collection. A storage that has locks keeps other collectors out, but not writers; the
    /// call does not wait for a lock held by others.</summary>
    /// <exception cref="Errors.RootBusyException">Another collector has the lock.</exception>
    /// <exception cref="NotSupportedException">No garbage can be collected in this storage.</exception>
    ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This storage does not support garbage collection.");
}
