using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>Somebody else is writing to an upload: the request before, perhaps, which has not ended yet. Try again.</summary>
public sealed class UploadBusyException : BlobsException
{
    /// <param name="message">One line that says which upload.</param>
    /// <param name="inner">What went wrong below; null when nothing did.</param>
    public UploadBusyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
