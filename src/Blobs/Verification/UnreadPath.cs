namespace Blobs.Verification;

/// <summary>Something in a store that was not verified, or only in part.</summary>
/// <param name="Path">The file or directory, below the store's own directory; a directory includes everything below
/// it.</param>
/// <param name="Why">Why it was not verified.</param>
public sealed record UnreadPath(string Path, string Why);
