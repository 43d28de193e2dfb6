using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>How <see cref="RegistryStore"/> works.</summary>
public sealed record RegistryStoreOptions
{
    /// <summary>What documents may demand.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>A manifest that is in the store already, in bytes; 64 MiB. Another registry may have taken longer ones than
    /// <see cref="Limits.ManifestBytes"/>, and they are served.</summary>
    public int StoredManifestBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of one blob; 256 GiB.</summary>
    public long BlobBytes { get; init; } = 256L << 30;

    /// <summary>Bytes of manifests that are kept in memory; 32 MiB.</summary>
    public long ManifestCacheBytes { get; init; } = 32 << 20;

    /// <summary>Whether a mount that names no repository takes a blob from wherever it is (distribution-spec, "Mounting a blob from another
    /// repository"). Turn it off where not everybody may read everything; it is off where a policy of ASP.NET Core stands on the
    /// registry.</summary>
    public bool MountFromAnywhere { get; init; } = true;

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
