namespace Blobs.Errors;

/// <summary>A data root whose engine keeps its images with containerd: there are none to read in it, and what would be written into it
/// would put the engine's own out of sight. Nothing was written.</summary>
public sealed class ContainerdRootException : BlobsException
{
    /// <summary>Refuses a root.</summary>
    internal ContainerdRootException(string path, string message)
        : base(message)
    {
        Path = path;
    }

    /// <summary>The data root.</summary>
    public string Path { get; }
}
