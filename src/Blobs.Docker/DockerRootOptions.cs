using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Docker;

/// <summary>How a data root is opened.</summary>
public sealed record DockerRootOptions
{
    /// <summary>Storage driver. When null, the one that the root has layers of, else <c>overlay2</c>.</summary>
    public string? Driver { get; init; }

    /// <summary>How long to wait for another program that writes to the same root; for ever when null, not at all when zero.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>What has to be on disk before a layer becomes visible.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>Told, a line each, what was left undone that a caller may not look for in a result, and why.</summary>
    public IProgress<string>? Notices { get; init; }

    /// <summary>What input may demand.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
