namespace Blobs.Errors;

/// <summary>An image, container, layer, blob, data root or registry store that does not exist. Something that exists but cannot be
/// read is another error.</summary>
public sealed class NotFoundException : BlobsException
{
    /// <summary>Creates the error.</summary>
    public NotFoundException(string path, string message)
        : base(message)
    {
        Path = path;
    }

    /// <summary>Where it was expected.</summary>
    public string Path { get; }
}
