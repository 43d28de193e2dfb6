namespace Blobs.Distribution.Storage;

/// <summary>Options of <see cref="RegistryCollector"/>.</summary>
public sealed record CollectionOptions
{
    /// <summary>Whether to report only, and to delete nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether to delete also untagged manifests, unless a kept manifest refers to them, or is their
    /// subject.</summary>
    public bool DeleteUntagged { get; init; }

    /// <summary>Uploads that began longer ago than this are deleted. The default is 7 days, as in the reference
    /// registry.</summary>
    public TimeSpan UploadAge { get; init; } = TimeSpan.FromDays(7);
}
