namespace Blobs.Errors;

/// <summary>A store on disk that cannot do what was asked: something is missing, damaged, or in the way.</summary>
public sealed class StoreException : BlobsException
{
    internal StoreException(string path, string message, Exception? inner = null)
        : base(message, inner)
    {
        Path = path;
    }

    /// <summary>The file, directory or entry the fault is about.</summary>
    public string Path { get; }
}
