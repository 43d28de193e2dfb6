namespace Blobs.Cli;

/// <summary>Exit codes of the command.</summary>
internal enum ExitCode
{
    /// <summary>Success.</summary>
    Done = 0,

    /// <summary>The work failed; one line on stderr says why.</summary>
    Failed = 1,

    /// <summary>Wrong usage.</summary>
    Usage = 2,
}
