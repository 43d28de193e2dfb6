namespace Blobs.Verification;

/// <summary>Something in a store that could not be read: handles or memory ran out, the disk failed, or permission was
/// denied. It may be right or wrong.</summary>
/// <param name="Path">The file or directory, below the store's own directory; a directory includes everything below
/// it.</param>
/// <param name="Why">The kernel's error, or the limit that was exceeded.</param>
public sealed record VerifyFailure(string Path, string Why);
