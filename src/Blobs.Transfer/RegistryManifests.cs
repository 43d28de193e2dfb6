using System.Net;
using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>The manifests and blobs of a repository, to read and to write.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RegistryManifests(RegistryRepository repository, int? blobsAtOnce = null) : IManifestSource, IManifestTarget
{
    public string Origin => repository.Name;

    public string? Repository => repository.Name;

    public int BlobsAtOnce { get; } = LayersAtOnce.Of(blobsAtOnce);

    /// <summary>Reads the manifest that a name refers to.</summary>
    /// <exception cref="RegistryException">There is none, or the registry refuses.</exception>
    public async Task<Manifest> GetAsync(ImageReference name, CancellationToken cancellationToken)
    {
        Manifest found = await repository.GetManifestAsync(name, cancellationToken).ConfigureAwait(false);
        return found is ImageManifest image ? await WithSizesAsync(image, cancellationToken).ConfigureAwait(false) : found;
    }

    public Task<Manifest?> TryGetAsync(Descriptor manifest, CancellationToken cancellationToken) =>
        TryGetAsync(() => repository.GetManifestAsync(manifest.Digest, cancellationToken), cancellationToken);

    public async Task<Manifest?> TryGetAsync(string tag, CancellationToken cancellationToken) =>
        await repository.FindManifestAsync(tag, cancellationToken).ConfigureAwait(false) is null
            ? null
            : await TryGetAsync(() => repository.GetManifestAsync(tag, cancellationToken), cancellationToken).ConfigureAwait(false);

    async Task<IReadOnlyList<Descriptor>> IManifestSource.ReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        await ReferrersAsync(subject, cancellationToken).ConfigureAwait(false);

    async Task<IReadOnlySet<Digest>> IManifestTarget.ReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        (await ReferrersAsync(subject, cancellationToken).ConfigureAwait(false)).Select(manifest => manifest.Digest).ToHashSet();

    public async Task<Stream?> TryOpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        try
        {
            return await repository.OpenBlobAsync(blob, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException missing) when (IsMissing(missing))
        {
            return null;
        }
    }

    public async Task<bool> HasAsync(Descriptor manifest, CancellationToken cancellationToken) =>
        await repository.FindManifestAsync($"{manifest.Digest}", cancellationToken).ConfigureAwait(false) is not null;

    public async Task<bool> HasAsync(Digest manifest, ManifestName name, CancellationToken cancellationToken) =>
        (await repository.FindManifestAsync(name.RefName!, cancellationToken).ConfigureAwait(false))?.Digest == manifest;

    public Task<bool> HasBlobAsync(Digest blob, CancellationToken cancellationToken) =>
        repository.HasBlobAsync(blob, cancellationToken);

    public async Task<bool> TryMountAsync(Digest blob, string repositoryName, CancellationToken cancellationToken)
    {
        if (repositoryName == repository.Name || !repositoryName.StartsWith($"{repository.Domain}/", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            return await repository
                .MountBlobAsync(blob, repositoryName[(repository.Domain.Length + 1)..], cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException refused) when (refused.Status is not null)
        {
            return false;
        }
    }

    public Task PutBlobAsync(
        Descriptor blob, Func<CancellationToken, ValueTask<Stream>> open, CancellationToken cancellationToken) =>
        repository.PutBlobAsync(blob, open, cancellationToken);

    public async Task<bool> PutAsync(Manifest manifest, Digest digest, ManifestName? name, CancellationToken cancellationToken)
    {
        await repository.PutManifestAsync(manifest, name?.RefName ?? $"{digest}", cancellationToken).ConfigureAwait(false);
        return true;
    }

    public Task CommitAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Dispose()
    {
    }

    private async Task<List<Descriptor>> ReferrersAsync(Digest subject, CancellationToken cancellationToken)
    {
        var referrers = new List<Descriptor>();
        await foreach (Descriptor referrer in repository.ReferrersAsync(subject, null, cancellationToken).ConfigureAwait(false))
        {
            referrers.Add(referrer);
        }

        return referrers;
    }

    private async Task<Manifest?> TryGetAsync(Func<Task<Manifest>> get, CancellationToken cancellationToken)
    {
        try
        {
            Manifest found = await get().ConfigureAwait(false);
            return found is ImageManifest image ? await WithSizesAsync(image, cancellationToken).ConfigureAwait(false) : found;
        }
        catch (RegistryException missing) when (IsMissing(missing))
        {
            return null;
        }
    }

    private async Task<ImageManifest> WithSizesAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<Digest, long>();
        foreach (Descriptor blob in manifest.Unsized)
        {
            sizes[blob.Digest] = await repository.FindBlobAsync(blob.Digest, cancellationToken).ConfigureAwait(false) ?? 0;
        }

        return manifest.WithSizes(blob => sizes[blob.Digest]);
    }

    private static bool IsMissing(RegistryException fault) => fault.Status == (int)HttpStatusCode.NotFound;
}
