using Blobs.Errors;

namespace Blobs.Docker.Layers;

/// <summary>A Docker data root whose engine uses the containerd image store: the root holds no images to read, and images written
/// to it would hide the engine's own. Nothing was written.</summary>
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
