namespace Blobs.Distribution.Storage;

/// <summary>Progress of an upload.</summary>
/// <param name="Length">Number of bytes received.</param>
/// <param name="StartedAt">When it began; null when that is unknown.</param>
public sealed record UploadProgress(long Length, DateTimeOffset? StartedAt);
