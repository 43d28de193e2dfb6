using Blobs.Errors;

namespace Blobs.Distribution.Storage;

/// <summary>The storage does not answer, or is too busy: the same call may succeed later. It says nothing about whether
/// something exists.</summary>
public sealed class StorageUnavailableException : BlobsException
{
    /// <param name="message">One line that names the storage.</param>
    /// <param name="inner">The underlying error; null for none.</param>
    public StorageUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
