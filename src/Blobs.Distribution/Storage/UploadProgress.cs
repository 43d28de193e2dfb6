namespace Blobs.Distribution.Storage;

/// <summary>Progress of an upload: everything that a host needs to resume it.</summary>
/// <param name="Length">Number of bytes received.</param>
/// <param name="HashState">The SHA-256 state after those bytes, as given to <see cref="IStoredUpload.SaveAsync"/>;
/// empty when none was saved, so that the bytes have to be hashed again.</param>
/// <param name="StartedAt">When it began; null when that is unknown.</param>
public sealed record UploadProgress(long Length, ReadOnlyMemory<byte> HashState, DateTimeOffset? StartedAt);
