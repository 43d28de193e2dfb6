namespace Blobs.Distribution.Storage;

/// <summary>Result of appending to an upload.</summary>
public enum UploadOutcome
{
    /// <summary>All bytes were appended.</summary>
    Appended = 0,

    /// <summary>The range does not start at the end of the upload; nothing was read.</summary>
    OutOfOrder,

    /// <summary>The body was longer or shorter than its range. The bytes within the range were kept.</summary>
    SizeDiffers,
}
