using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Docker.Layers;

/// <summary>How a data root is opened.</summary>
public sealed record DockerRootOptions
{
    /// <summary>Storage driver. When null, the one that the root has layers of, else <c>overlay2</c>.</summary>
    public string? Driver { get; init; }

    /// <summary>How long to wait for another program that uses the root; forever when null, not at all when zero.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>What is flushed to disk before a layer becomes visible.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>Receives notices, a line each: what was left undone and why, where no result says so.</summary>
    public IProgress<string>? Notices { get; init; }

    /// <summary>What input may demand.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
