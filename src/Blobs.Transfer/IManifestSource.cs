using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A place that gives manifests and blobs as they are: a repository of a registry, or an OCI layout.</summary>
internal interface IManifestSource : IDisposable
{
    /// <summary>Its name in errors.</summary>
    string Origin { get; }

    /// <summary>Registry and repository in full; null when it is not in a registry.</summary>
    string? Repository { get; }

    /// <summary>Reads a manifest and checks its digest; null when it is not there.</summary>
    Task<Manifest?> TryGetAsync(Descriptor manifest, CancellationToken cancellationToken);

    /// <summary>Reads the manifest behind a tag; null when there is no such tag.</summary>
    Task<Manifest?> TryGetAsync(string tag, CancellationToken cancellationToken);

    /// <summary>The manifests that have this one as their subject.</summary>
    Task<IReadOnlyList<Descriptor>> ReferrersAsync(Digest subject, CancellationToken cancellationToken);

    /// <summary>Opens a blob; null when it is not there. The stream ends only after digest and size have been
    /// verified.</summary>
    Task<Stream?> TryOpenAsync(Descriptor blob, CancellationToken cancellationToken);
}
