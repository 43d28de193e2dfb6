namespace Blobs.Distribution.Storage;

/// <summary>What <see cref="RegistryCollector"/> may delete.</summary>
public sealed record CollectionOptions
{
    /// <summary>Only find out, delete nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Also manifests that no tag means and no other kept manifest refers to or is about.</summary>
    public bool DeleteUntagged { get; init; }

    /// <summary>Uploads that were started longer ago than this; 7 days, as in the reference registry.</summary>
    public TimeSpan UploadAge { get; init; } = TimeSpan.FromDays(7);
}
