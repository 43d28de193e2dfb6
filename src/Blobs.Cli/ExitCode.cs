namespace Blobs.Cli;

/// <summary>What the command tells its caller.</summary>
internal enum ExitCode
{
    /// <summary>Everything was done.</summary>
    Done = 0,

    /// <summary>The work failed; one line on stderr says why.</summary>
    Failed = 1,

    /// <summary>The words of the call are wrong.</summary>
    Usage = 2,
}
