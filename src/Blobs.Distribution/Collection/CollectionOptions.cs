namespace Blobs.Distribution.Collection;

/// <summary>Options of <see cref="RegistryCollector"/>.</summary>
public sealed record CollectionOptions
{
    /// <summary>Whether to report only, and to delete nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether to delete also untagged manifests, unless a kept manifest refers to them, or is their
    /// subject.</summary>
    public bool Untagged { get; init; }

    /// <summary>Which tags to remove; none by default.</summary>
    public TagRetention Retention { get; init; } = new();

    /// <summary>Nothing younger than this is deleted; 24 hours by default. It must not be less than the time between the
    /// requests of one push, and hosts that serve the storage should have the same value in
    /// <see cref="Storage.RegistryStoreOptions.MinimumAge"/>.</summary>
    public TimeSpan MinimumAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Uploads that began longer ago than this are deleted. The default is 7 days, as in the reference
    /// registry.</summary>
    public TimeSpan UploadAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long another collector must wait after this one was last heard of, if the storage has no lock that
    /// ends with the process.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Additional time after the end of a lease, for requests that the storage has accepted but not yet
    /// executed.</summary>
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long to wait while another collector runs; not at all by default.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>The maximum number of requests to the storage in a second; null for no limit.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Receives everything that is deleted, or would be deleted in a dry run.</summary>
    public IProgress<CollectedItem>? Deleted { get; init; }
}
