using Blobs.Errors;

namespace Blobs.Docker.Layers;

/// <summary>The data root belongs to a Docker daemon that uses the containerd image store. It has no images that can be
/// read, and images written to it would hide the daemon's own. Nothing was written.</summary>
public sealed class ContainerdRootException : BlobsException
{
    /// <summary>Creates the error.</summary>
    public ContainerdRootException(string path, string message)
        : base(message)
    {
        Path = path;
    }

    /// <summary>The data root.</summary>
    public string Path { get; }
}
