using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>
/// A registry without HTTP: repositories of blobs, manifests and tags in any <see cref="IRegistryStorage"/>. A
/// repository has a blob or manifest when it has a reference to it and the content exists; content without a reference
/// belongs to no repository. Content is durable before a reference to it is written, and the reference to a manifest is
/// durable before a tag points to it.
/// </summary>
public sealed partial class RegistryStore
{
    private readonly IRegistryStorage _storage;
    private readonly IRegistryBlobs _blobs;
    private readonly IRegistryReferences _links;
    private readonly RegistryStoreOptions _options;
    private readonly ManifestCache _manifests;
    private readonly UploadTurns _turns = new();
    private readonly ReferrersIndex _referrers;
    private readonly CollectionGuard _guard;

    /// <param name="storage">The storage of the registry.</param>
    /// <param name="options">Limits and settings.</param>
    public RegistryStore(IRegistryStorage storage, RegistryStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _blobs = storage.Blobs;
        _links = storage.References;
        _options = options ?? new RegistryStoreOptions();
        _manifests = new ManifestCache(_options.ManifestCacheBytes);
        _referrers = new ReferrersIndex();
        _guard = new CollectionGuard(storage, _options.MinimumAge, _options.Clock);
    }

    /// <inheritdoc cref="IRegistryStorage.PrepareAsync"/>
    public ValueTask PrepareAsync(bool mayWrite, CancellationToken cancellationToken = default) =>
        _storage.PrepareAsync(mayWrite, cancellationToken);

    /// <summary>Checks that the storage responds, by a cheap request. Exceptions of the storage are passed
    /// on.</summary>
    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => _storage.ProbeAsync(cancellationToken);

    // Names become part of paths, so an invalid name is rejected here.
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

    // Returns the target of a reference; null when the reference does not exist, or was never completed.
    private async ValueTask<Digest?> TargetOfAsync(RegistryReference reference, CancellationToken cancellationToken) =>
        (await _links.ReadAsync(reference, cancellationToken).ConfigureAwait(false))?.Target;
}
