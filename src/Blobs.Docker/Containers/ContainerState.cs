namespace Blobs.Docker.Containers;

/// <summary>State of a container, as recorded in its file.</summary>
public sealed record ContainerState
{
    /// <summary>Whether its command runs, or ran when dockerd last wrote the file.</summary>
    public bool Running { get; init; }

    /// <summary>Whether it is paused.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether dockerd is restarting it.</summary>
    public bool Restarting { get; init; }

    /// <summary>Whether dockerd is removing it.</summary>
    public bool RemovalInProgress { get; init; }

    /// <summary>Whether a removal failed half-way.</summary>
    public bool Dead { get; init; }

    /// <summary>Exit code of the command.</summary>
    public long ExitCode { get; init; }

    /// <summary>When the command was last started, RFC 3339; year 1 when never.</summary>
    public string StartedAt { get; init; } = "0001-01-01T00:00:00Z";

    /// <summary>When the command last ended, RFC 3339; year 1 when never.</summary>
    public string FinishedAt { get; init; } = "0001-01-01T00:00:00Z";

    /// <summary>The state as docker shows it: <c>created</c>, <c>running</c>, <c>paused</c>, <c>restarting</c>,
    /// <c>removing</c>,
    /// <c>exited</c> or <c>dead</c>.</summary>
    public string Word => this switch
    {
        { Running: true, Paused: true } => "paused",
        { Running: true, Restarting: true } => "restarting",
        { Running: true } => "running",
        { RemovalInProgress: true } => "removing",
        { Dead: true } => "dead",
        _ => StartedAt.StartsWith("0001-", StringComparison.Ordinal) ? "created" : "exited",
    };
}
