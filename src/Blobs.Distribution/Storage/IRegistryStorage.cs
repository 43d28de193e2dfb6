namespace Blobs.Distribution.Storage;

/// <summary>
/// Storage of a registry, in three parts: blobs and manifests by digest, uploads in progress, and the references that
/// give repositories their blobs, manifests and tags. Implement it to keep a registry elsewhere, such as in an object
/// store.
/// <para>
/// <see cref="RegistryStore"/> decides what is written, and in which order; a storage only keeps it. All methods may be
/// called concurrently, by any number of requests and processes. A write is visible to every call that begins after the
/// write has returned, in any process. By then, the write is as durable as the storage promises. Repository names, tags
/// and ids are validated before they are passed in: they contain no <c>..</c>, no empty part and no control character.
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

    /// <summary>Locks the storage for a use by this process, until the result is disposed. Any number of writers may
    /// hold the lock together. A garbage collector must hold it alone, because a newly pushed blob looks like an
    /// unreferenced one. The call does not wait for a lock held by others. Null when the storage has no such
    /// lock.</summary>
    /// <exception cref="Errors.RootBusyException">The lock is held for a use that excludes this one.</exception>
    IDisposable? Lock(StorageUse use) => null;
}
