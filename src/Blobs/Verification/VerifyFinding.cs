namespace Blobs.Verification;

/// <summary>Something in a store that is not as it should be.</summary>
/// <param name="Path">The file or directory, below the store's own directory.</param>
/// <param name="Problem">What is wrong, with what was expected and what was found.</param>
/// <param name="Offset">Where in the file, or in the layer's tar when it is about one of its files; null when nobody knows.</param>
public sealed record VerifyFinding(string Path, string Problem, long? Offset = null);
