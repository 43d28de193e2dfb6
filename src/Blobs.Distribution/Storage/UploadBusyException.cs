using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>Another request or host has written to the upload in the meantime, such as a previous request that had not
/// ended yet. The caller may open the upload again.</summary>
public sealed class UploadBusyException : BlobsException
{
    /// <param name="message">One line that names the upload.</param>
    /// <param name="inner">The underlying error; null for none.</param>
    public UploadBusyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
