using Blobs.Files;

namespace Blobs.Distribution.Storage;

/// <summary>How <see cref="FileSystemStorage"/> writes.</summary>
public sealed record FileSystemStorageOptions
{
    /// <summary>What is on disk before a call returns.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
