namespace Blobs.Distribution.Storage;

/// <summary>The stated byte range of a chunk in its blob, both ends inclusive.</summary>
public readonly record struct UploadRange(long First, long Last)
{
    /// <summary>Number of bytes in the range.</summary>
    public long Length => Last - First + 1;
}
