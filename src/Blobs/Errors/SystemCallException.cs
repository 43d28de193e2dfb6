namespace Blobs.Errors;

/// <summary>A system call that the kernel refused: disk full, permission, a file in the way.</summary>
public sealed class SystemCallException : BlobsException
{
    /// <summary>Says which call the kernel refused.</summary>
    internal SystemCallException(string call, int errno, string path, string message)
        : base(message)
    {
        Call = call;
        Errno = errno;
        Path = path;
    }

    /// <summary>The system call, such as <c>openat2</c>.</summary>
    public string Call { get; }

    /// <summary>Linux error number, such as 28 for ENOSPC.</summary>
    public int Errno { get; }

    /// <summary>The path or entry name the call was about.</summary>
    public string Path { get; }
}
