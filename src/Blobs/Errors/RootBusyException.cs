namespace Blobs.Errors;

/// <summary>A data root, or a registry's store, that somebody else is working on: nothing was written.</summary>
public sealed class RootBusyException : BlobsException
{
    /// <param name="path">The data root or store.</param>
    /// <param name="processId">Who works on it; null when nobody knows.</param>
    /// <param name="message">One line that says so.</param>
    public RootBusyException(string path, int? processId, string message)
        : this(path, processId, isDaemon: false, message)
    {
    }

    /// <summary>Says who has the root.</summary>
    internal RootBusyException(string path, int? processId, bool isDaemon, string message)
        : base(message)
    {
        Path = path;
        ProcessId = processId;
        IsDaemon = isDaemon;
    }

    /// <summary>The data root or store.</summary>
    public string Path { get; }

    /// <summary>Who works on it, where the kernel says so.</summary>
    public int? ProcessId { get; }

    /// <summary>Whether it is a Docker daemon, which keeps its root until it is stopped; others let go when their work is done.</summary>
    public bool IsDaemon { get; }
}
