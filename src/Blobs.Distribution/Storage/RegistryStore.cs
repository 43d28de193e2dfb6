using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>
/// A registry without HTTP: repositories of blobs, manifests and tags over any <see cref="IRegistryStorage"/>. A repository has a
/// blob or manifest when it has a reference to it and the bytes are there; bytes alone belong to nobody. Bytes are durable before a
/// reference names them, and a manifest's reference before a tag means it.
/// </summary>
public sealed partial class RegistryStore
{
    // Enough for whoever writes the same reference at the same time.
    private const int ReferAttempts = 32;

    private readonly IRegistryStorage _storage;
    private readonly IRegistryBlobs _blobs;
    private readonly IRegistryReferences _links;
    private readonly RegistryStoreOptions _options;
    private readonly ManifestCache _manifests;
    private readonly UploadStates _uploads = new();
    private readonly ReferrersIndex _referrers;

    /// <param name="storage">Where the bytes are.</param>
    /// <param name="options">How to work.</param>
    public RegistryStore(IRegistryStorage storage, RegistryStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _blobs = storage.Blobs;
        _links = storage.References;
        _options = options ?? new RegistryStoreOptions();
        _manifests = new ManifestCache(_options.ManifestCacheBytes);
        _referrers = new ReferrersIndex();
    }

    /// <inheritdoc cref="IRegistryStorage.PrepareAsync"/>
    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) =>
        _storage.PrepareAsync(mayWrite, cancellationToken);

    /// <summary>Whether the storage can be reached: asks it for something cheap, and throws what it throws.</summary>
    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => _storage.ProbeAsync(cancellationToken);

    // Names become paths: nothing that is no name gets any further.
    private static void CheckName(string repository)
    {
        if (!RepositoryName.IsValid(repository))
        {
            throw new ArgumentException("not a repository's name", nameof(repository));
        }
    }

    private static void CheckTag(string tag)
    {
        if (!TagName.IsValid(tag))
        {
            throw new ArgumentException("not a tag", nameof(tag));
        }
    }

    // What a reference says; null when it is not there, or was never finished.
    private async ValueTask<Digest?> TargetOfAsync(RegistryReference reference, CancellationToken cancellationToken) =>
        (await _links.ReadAsync(reference, cancellationToken).ConfigureAwait(false))?.Target;

    // References that are named by a digest never change: one that is right is left alone.
    private async ValueTask ReferOnceAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < ReferAttempts; attempt++)
        {
            StoredReference? found = await _links.ReadAsync(reference, cancellationToken).ConfigureAwait(false);
            if (found?.Target == target || (found is null
                ? await _links.TryCreateAsync(reference, target, cancellationToken).ConfigureAwait(false)
                : await _links.TryReplaceAsync(reference, target, found.Version, cancellationToken).ConfigureAwait(false)))
            {
                return;
            }
        }

        throw new StoreException(
            reference.Repository,
            $"{reference.Repository}: the reference {reference.Name} cannot be read, or changes all the time");
    }
}
