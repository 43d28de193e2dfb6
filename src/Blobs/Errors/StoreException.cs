namespace Blobs.Errors;

/// <summary>A store on disk that cannot do what was asked, because something in it is missing, damaged or in the way.</summary>
public sealed class StoreException : BlobsException
{
    /// <param name="path">The file, directory or entry the fault is about.</param>
    /// <param name="message">One line that says what is wrong and where.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public StoreException(string path, string message, Exception? inner = null)
        : base(message, inner)
    {
        Path = path;
    }

    /// <summary>The file, directory or entry the fault is about.</summary>
    public string Path { get; }
}
