namespace Blobs.Distribution.Storage;

/// <summary>Which bytes of a blob a chunk is said to be, both ends included.</summary>
public readonly record struct UploadRange(long First, long Last)
{
    /// <summary>How many bytes it is.</summary>
    public long Length => Last - First + 1;
}
