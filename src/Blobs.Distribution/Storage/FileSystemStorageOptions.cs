using Blobs.Files;

namespace Blobs.Distribution.Storage;

/// <summary>Options of <see cref="FileSystemStorage"/>.</summary>
public sealed record FileSystemStorageOptions
{
    /// <summary>What is flushed to disk before a call returns.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
