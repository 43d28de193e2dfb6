using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Docker.Layers;

/// <summary>Options for opening a data root.</summary>
public sealed record DockerRootOptions
{
    /// <summary>The storage driver. If null, the driver that has layers in the data root, or else
    /// <c>overlay2</c>.</summary>
    public string? Driver { get; init; }

    /// <summary>How long to wait for another process that is using the data root. Null waits forever; zero does not
    /// wait.</summary>
    public TimeSpan? LockWait { get; init; }

    /// <summary>What is flushed to disk before a layer becomes visible.</summary>
    public Durability Durability { get; init; } = Durability.Commit;

    /// <summary>Receives one-line notices about what was left undone and why, when no result reports it.</summary>
    public IProgress<string>? Notices { get; init; }

    /// <summary>Limits on untrusted input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
