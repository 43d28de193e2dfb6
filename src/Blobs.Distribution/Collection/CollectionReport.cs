namespace Blobs.Distribution.Collection;

/// <summary>What <see cref="RegistryCollector"/> deleted, or would have deleted in a dry run, and what it left.
/// <see cref="CollectionOptions.Deleted"/> receives the names.</summary>
public sealed record CollectionReport
{
    /// <summary>The maximum number of names in each list of this report.</summary>
    public const int NamesMax = 1000;

    /// <summary>Number of repositories that were examined.</summary>
    public int Repositories { get; init; }

    /// <summary>Number of blobs and manifests that remain.</summary>
    public long KeptBlobs { get; init; }

    /// <summary>Number of blobs and manifests whose bytes were deleted.</summary>
    public long Blobs { get; init; }

    /// <summary>Their total size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Number of manifests that repositories lost.</summary>
    public long Manifests { get; init; }

    /// <summary>Number of links of repositories to blobs that none of their manifests needs.</summary>
    public long Links { get; init; }

    /// <summary>Number of tags that were removed.</summary>
    public long Tags { get; init; }

    /// <summary>Number of abandoned uploads that were deleted.</summary>
    public long Uploads { get; init; }

    /// <summary>Number of blobs and links that nothing needs, but which are too young to go.</summary>
    public long Young { get; init; }

    /// <summary>Number of entries that a push kept while the collection ran, with their neighbours; the next run examines
    /// them again.</summary>
    public long Kept { get; init; }

    /// <summary>Number of deletions that the storage did not confirm in time; the next run repeats them.</summary>
    public long Unconfirmed { get; init; }

    /// <summary>Manifests that lack something but stay, because a tag or an index names them, as <c>NAME@DIGEST</c>; the
    /// first ones.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];

    /// <summary>Documents that cannot be parsed, and that were kept with every digest in them, as <c>NAME@DIGEST</c>; the
    /// first ones.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>Whether another program, which does not take part in the protocol, writes to the storage: a blob that it
    /// has found in the storage may be deleted before its manifest arrives.</summary>
    public bool HasForeignWriter { get; init; }
}
