namespace Blobs.Errors;

/// <summary>An image, a container, a layer, a blob, a data root or a registry's store that is not there; never one that is there and cannot
/// be read.</summary>
public sealed class NotFoundException : BlobsException
{
    /// <summary>Says that something is not there.</summary>
    internal NotFoundException(string path, string message)
        : base(message)
    {
        Path = path;
    }

    /// <summary>Where it was looked for.</summary>
    public string Path { get; }
}
