using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>What is known about an upload when it begins.</summary>
/// <param name="StartedAt">The start time. Storages keep it in whole seconds; fractions are dropped.</param>
public sealed record UploadStart(DateTimeOffset StartedAt)
{
    /// <summary>The SHA-256 digest that the whole blob will have; set only when all of it comes in one request. No other
    /// request will open such an upload, so a storage may write the bytes to where the blob belongs, as long as nobody
    /// sees them before <see cref="IStoredUpload.PublishAsync"/>.</summary>
    public Digest? Digest { get; init; }

    /// <summary>The length that the client stated for the whole blob; null when it is not known.</summary>
    public long? Length { get; init; }
}
