namespace Blobs.Verification;

/// <summary>Something in a store that was not judged, or not wholly.</summary>
/// <param name="Path">The file or directory, below the store's own directory; a directory stands for all below it.</param>
/// <param name="Why">What there is to compare it with, and what not.</param>
public sealed record UnreadPath(string Path, string Why);
