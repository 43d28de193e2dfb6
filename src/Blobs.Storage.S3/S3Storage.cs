using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <summary>
/// A registry's storage in an object store that speaks S3, with the keys of docker-registry's s3 driver: each of the two
/// programs serves what the other wrote, and a registry's directory that is copied into a bucket file by file is served
/// as well. Any number of hosts may use one bucket, if the store keeps conditions on writes; <see cref="PrepareAsync"/>
/// finds that out.
/// <para>
/// A blob that is deleted while it is read may end early: no store keeps it for those who read. Memory for uploads is
/// <see cref="S3StorageOptions.UploadMemory"/>, for any number of uploads of any length. A blob whose length is announced
/// may be 10,000 times half of that long, another one 78 GiB.
/// </para>
/// </summary>
public sealed class S3Storage : IRegistryStorage, IDisposable
{
    private readonly S3Client _client;
    private readonly S3Keys _keys;
    private bool _isProbed;

    /// <summary>Makes a storage. Nothing is asked of the store before it is prepared.</summary>
    public S3Storage(S3StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Bucket);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.UploadMemory, 2 * UploadParts.UsualBytes);
        _client = new S3Client(options);
        _keys = new S3Keys(options.Prefix.Trim('/'));
        Blobs = new S3Blobs(_client, _keys);
        Uploads = new S3Uploads(_client, _keys, options);
        References = new S3References(_client, _keys);
        HostRecords = new S3Records(_client, _keys);
    }

    /// <inheritdoc/>
    public IRegistryBlobs Blobs { get; }

    /// <inheritdoc/>
    public IRegistryUploads Uploads { get; }

    /// <inheritdoc/>
    public IRegistryReferences References { get; }

    /// <inheritdoc/>
    public SharedUse Sharing => _client.Conditions.AreKept ? SharedUse.Usual : SharedUse.Unsafe;

    /// <inheritdoc/>
    /// <exception cref="StoreException">The store refuses the credentials.</exception>
    public async ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default)
    {
        await ProbeAsync(cancellationToken).ConfigureAwait(false);
        if (mayWrite)
        {
            await FindConditionsAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether nothing was ever written here. A new registry and a mistyped prefix look the same, so a
    /// program that only reads or deletes should ask first.</summary>
    /// <exception cref="StorageUnavailableException">The storage does not answer; the call may be repeated.</exception>
    /// <exception cref="StoreException">The store refuses the credentials.</exception>
    public async ValueTask<bool> IsEmptyAsync(CancellationToken cancellationToken = default) =>
        !await _client.HasAnyAsync(_keys.Root, cancellationToken).ConfigureAwait(false)
        && (await _client.ListPartsAsync(_keys.Root, cancellationToken).ConfigureAwait(false)).Count == 0;

    /// <inheritdoc/>
    public async ValueTask ProbeAsync(CancellationToken cancellationToken = default) =>
        await _client.HasAnyAsync(_keys.Root, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public IRegistryRecords? Records => _client.Conditions.AreKept ? HostRecords : null;

    /// <inheritdoc/>
    public IRegistryRecords HostRecords { get; }

    /// <inheritdoc/>
    /// <remarks>It is never ahead of the store's clock, and at most a second behind.</remarks>
    public async ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default)
    {
        if (!_client.HasFreshTime)
        {
            await ProbeAsync(cancellationToken).ConfigureAwait(false);
        }

        return _client.ServerTime;
    }

    /// <inheritdoc/>
    /// <remarks>It does where the bucket has versioning, until a lifecycle rule removes the versions. A store that does not
    /// say is taken to have none.</remarks>
    public async ValueTask<bool> KeepsDeletedAsync(CancellationToken cancellationToken = default) =>
        await _client.HasVersioningAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="StoreException">The store does not keep conditions on writes.</exception>
    public async ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default)
    {
        // A collector prepares the storage as one that only reads.
        await FindConditionsAsync(cancellationToken).ConfigureAwait(false);
        return _client.Conditions.AreKept
            ? new S3Deletion(_client, _keys)
            : throw new StoreException(
                _client.Place, $"{_client.Place}: no garbage can be collected: the store does not support conditional writes");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async ValueTask FindConditionsAsync(CancellationToken cancellationToken)
    {
        if (!_isProbed)
        {
            _client.Conditions = await S3Probe.RunAsync(_client, _keys.NewProbe, cancellationToken).ConfigureAwait(false);
            _isProbed = true;
        }
    }
}
