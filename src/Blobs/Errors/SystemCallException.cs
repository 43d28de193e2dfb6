namespace Blobs.Errors;

/// <summary>A system call that failed, for instance because the disk is full or a permission is missing.</summary>
public sealed class SystemCallException : BlobsException
{
    /// <summary>Creates the error.</summary>
    public SystemCallException(string call, int errno, string path, string message)
        : base(message)
    {
        Call = call;
        Errno = errno;
        Path = path;
    }

    /// <summary>The system call, such as <c>openat2</c>.</summary>
    public string Call { get; }

    /// <summary>The Linux error number, such as 28 for ENOSPC.</summary>
    public int Errno { get; }

    /// <summary>The path or entry name the call was about.</summary>
    public string Path { get; }
}
