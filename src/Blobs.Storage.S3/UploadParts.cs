using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <summary>How uploads are cut into parts.</summary>
internal static class UploadParts
{
    /// <summary>The length of a part where the length of the blob does not ask for more: blobs of up to 78 GiB have
    /// parts of this length.</summary>
    public const int UsualBytes = 8 << 20;

    /// <summary>The length of the parts of a blob. All parts have the same one, as some stores want it.</summary>
    /// <param name="length">The blob's length; null when it is not known.</param>
    /// <param name="memory">The memory that all uploads of this host share.</param>
    /// <exception cref="LimitExceededException">It is longer than parts can be that fit into the memory twice.</exception>
    public static int BytesFor(long? length, long memory)
    {
        if (length is not { } known || known <= (long)UsualBytes * UploadSession.PartsMax)
        {
            return UsualBytes;
        }

        long least = (known + UploadSession.PartsMax - 1) / UploadSession.PartsMax;
        long wanted = (least + PartPool.ChunkBytes - 1) / PartPool.ChunkBytes * PartPool.ChunkBytes;
        long most = Math.Min(memory / 2, int.MaxValue) / PartPool.ChunkBytes * PartPool.ChunkBytes;
        return wanted <= most
            ? (int)wanted
            : throw new LimitExceededException(
                nameof(S3StorageOptions.UploadMemory),
                most * UploadSession.PartsMax,
                $"a blob of {known} bytes is too long: this host takes up to {most * UploadSession.PartsMax}");
    }
}
