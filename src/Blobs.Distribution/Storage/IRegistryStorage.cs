namespace Blobs.Distribution.Storage;

/// <summary>
/// Where a registry keeps what it has, in three roles: the bytes of blobs and manifests, uploads that grow, and the references by which
/// repositories have and name them. Implement it to keep a registry in a place of your own, such as an object store.
/// <para>
/// <see cref="RegistryStore"/> decides what is written in which order; a storage keeps what it is told. All methods may be called from
/// any number of requests and processes at once. What a method has written is seen by every call that begins after it, in any process.
/// When it returns, what it wrote is as durable as the storage promises. Repositories, tags and ids are checked before they come here:
/// they have no <c>..</c>, no empty part and no control character in them.
/// </para>
/// <para>
/// A fault of the storage is an exception, never an answer: "not there" is said only of what is not there. Cancelling a call leaves
/// things as before it, or as after it.
/// </para>
/// </summary>
public interface IRegistryStorage
{
    /// <summary>The bytes.</summary>
    IRegistryBlobs Blobs { get; }

    /// <summary>Blobs on their way in.</summary>
    IRegistryUploads Uploads { get; }

    /// <summary>Which repository has what, and under which tag.</summary>
    IRegistryReferences References { get; }

    /// <summary>Called once, before anything else, by who is about to serve the storage or to collect in it.</summary>
    /// <param name="mayWrite">Whether it is made where it is not there, and has to be writable.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="Errors.NotFoundException">It is not there, and not to be made.</exception>
    /// <exception cref="Errors.BlobsException">It cannot be read, or not be written to.</exception>
    ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>Asks for something cheap, to find out whether the storage answers at all.</summary>
    ValueTask ProbeAsync(CancellationToken cancellationToken = default);

    /// <summary>Says what this process does to the storage, until the answer is disposed. Any number may write at once; whoever collects
    /// garbage must be alone, as a blob that was just pushed looks like one that nobody needs. Nobody waits for the other. Null where a
    /// storage has no such lock.</summary>
    /// <exception cref="Errors.RootBusyException">Somebody is at work who excludes this.</exception>
    IDisposable? Lock(StorageUse use) => null;
}
