using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A place that takes manifests and blobs as they are: a repository of a registry, or an OCI layout.</summary>
internal interface IManifestTarget : IAsyncDisposable
{
    /// <summary>How many blobs it takes at once.</summary>
    int BlobsAtOnce { get; }

    /// <summary>Whether it has a manifest and, unless that is an index, everything that the manifest names.</summary>
    Task<bool> HasAsync(Descriptor manifest, CancellationToken cancellationToken);

    /// <summary>Whether the manifest has this name already.</summary>
    Task<bool> HasAsync(Digest manifest, ManifestName name, CancellationToken cancellationToken);

    /// <summary>The manifests that it lists as referring to a subject.</summary>
    Task<IReadOnlySet<Digest>> ReferrersAsync(Digest subject, CancellationToken cancellationToken);

    /// <summary>Whether it has a blob.</summary>
    Task<bool> HasBlobAsync(Digest blob, CancellationToken cancellationToken);

    /// <summary>Takes a blob from another repository of the same registry without a transfer; false when it
    /// cannot.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="repository">Registry and repository in full.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<bool> TryMountAsync(Digest blob, string repository, CancellationToken cancellationToken);

    /// <summary>Takes a blob; the stream that <paramref name="open"/> gives verifies it.</summary>
    Task PutBlobAsync(Descriptor blob, Func<CancellationToken, ValueTask<Stream>> open, CancellationToken cancellationToken);

    /// <summary>Takes a manifest; what it names has been taken before.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="digest">Its digest, as the source names it.</param>
    /// <param name="name">Its name here; null when others refer to it, or it refers to its subject.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when it was there already.</returns>
    Task<bool> PutAsync(Manifest manifest, Digest digest, ManifestName? name, CancellationToken cancellationToken);

    /// <summary>Publishes what was taken.</summary>
    Task CommitAsync(CancellationToken cancellationToken);
}
