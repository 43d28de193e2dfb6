using Blobs.Errors;
using Blobs.Files;

namespace Blobs.ContainersStorage;

/// <summary>Options for opening a store.</summary>
public sealed record ContainersStoreOptions
{
    /// <summary>How long to wait for another process that holds the store's locks. Null waits forever; zero does not
    /// wait.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>What is flushed to disk before a layer becomes visible.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>Whether the store is written as an additional image store: readable by every user, and with all files that
    /// readers need on a read-only mount.</summary>
    public bool IsAdditional { get; init; }

    /// <summary>Limits on untrusted input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
