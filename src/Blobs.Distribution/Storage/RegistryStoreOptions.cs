using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>Options of <see cref="RegistryStore"/>.</summary>
public sealed record RegistryStoreOptions
{
    /// <summary>Limits on documents.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>Maximum size in bytes of a manifest that is already in the store; 64 MiB by default. Another registry
    /// may have accepted manifests longer than <see cref="Limits.ManifestBytes"/>; these are served.</summary>
    public int StoredManifestBytes { get; init; } = 64 << 20;

    /// <summary>Maximum size of a blob in bytes; 256 GiB by default.</summary>
    public long BlobBytes { get; init; } = 256L << 30;

    /// <summary>Size of the manifest cache in bytes; 32 MiB by default.</summary>
    public long ManifestCacheBytes { get; init; } = 32 << 20;

    /// <summary>Whether a mount without a source repository may use a blob of any repository (distribution-spec,
    /// "Mounting a blob from another repository"). Turn it off if some users must not read all repositories. It is off
    /// if the registry has an ASP.NET Core authorization policy.</summary>
    public bool MountFromAnywhere { get; init; } = true;

    /// <summary>The age below which garbage collectors of this storage delete nothing; 24 hours by default. A blob that a
    /// client asks for, and whose link is older than half of it, is made young again.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Whether the store is only read. Then it does not protect what clients ask for from garbage
    /// collection.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
