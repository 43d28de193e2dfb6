namespace Blobs.Verification;

/// <summary>Something wrong in a store.</summary>
/// <param name="Path">The file or directory, below the store's own directory.</param>
/// <param name="Problem">What is wrong, with what was expected and what was found.</param>
/// <param name="Offset">Where in the file, or in the layer's tar for a finding about one of its files; null when it is
/// not known.</param>
public sealed record VerifyFinding(string Path, string Problem, long? Offset = null);
