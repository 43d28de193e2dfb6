using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>Another request or process is writing to the upload, such as a previous request that has not ended yet. The
/// caller may retry.</summary>
public sealed class UploadBusyException : BlobsException
{
    /// <param name="message">One line that names the upload.</param>
    /// <param name="inner">The underlying error; null for none.</param>
    public UploadBusyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
