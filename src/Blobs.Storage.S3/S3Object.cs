namespace Blobs.Storage.S3;

/// <summary>A small object.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="ETag">Its version, without quotes. Two writes of the same bytes have the same one.</param>
/// <param name="ChangedAt">When it was written, in whole seconds of the store's clock.</param>
/// <param name="Nonce">What tells the write that made it from every other one; null if it is not one of ours.</param>
internal sealed record S3Object(byte[] Content, string ETag, DateTimeOffset ChangedAt, string? Nonce);
