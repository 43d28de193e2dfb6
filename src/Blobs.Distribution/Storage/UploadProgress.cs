namespace Blobs.Distribution.Storage;

/// <summary>How far an upload is: all that a host needs to go on with it.</summary>
/// <param name="Length">How many bytes have come.</param>
/// <param name="HashState">The state of SHA-256 after those bytes, as it was given to <see cref="IStoredUpload.SaveAsync"/>; empty when
/// nobody saved one, and the bytes have to be hashed again.</param>
/// <param name="StartedAt">When it began; null when nobody can tell.</param>
public sealed record UploadProgress(long Length, ReadOnlyMemory<byte> HashState, DateTimeOffset? StartedAt);
