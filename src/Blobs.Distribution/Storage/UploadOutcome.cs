namespace Blobs.Distribution.Storage;

/// <summary>What became of bytes that were to be appended to an upload.</summary>
public enum UploadOutcome
{
    /// <summary>They are there.</summary>
    Appended = 0,

    /// <summary>They do not begin where the upload ends; nothing was read.</summary>
    OutOfOrder,

    /// <summary>There were more or fewer than their range says; those within the range were kept.</summary>
    SizeDiffers,
}
