namespace Blobs.Errors;

/// <summary>A data root or registry store that another process is working on. Nothing was written.</summary>
public sealed class RootBusyException : BlobsException
{
    /// <param name="path">The data root or store.</param>
    /// <param name="processId">The process that works on it; null when unknown.</param>
    /// <param name="message">One line that says what is busy.</param>
    public RootBusyException(string path, int? processId, string message)
        : this(path, processId, isDaemon: false, message)
    {
    }

    /// <summary>Creates the error, which also says whether a daemon has the root.</summary>
    public RootBusyException(string path, int? processId, bool isDaemon, string message)
        : base(message)
    {
        Path = path;
        ProcessId = processId;
        IsDaemon = isDaemon;
    }

    /// <summary>The data root or store.</summary>
    public string Path { get; }

    /// <summary>The process that works on it, if the kernel reports it.</summary>
    public int? ProcessId { get; }

    /// <summary>Whether that process is a Docker daemon. A daemon holds its root until it stops; other programs release it when their
    /// work is done.</summary>
    public bool IsDaemon { get; }
}
