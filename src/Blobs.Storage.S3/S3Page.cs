namespace Blobs.Storage.S3;

/// <summary>A page of a list.</summary>
/// <param name="Objects">The objects on it.</param>
/// <param name="Folders">The names of the folders on it, without prefix and slash.</param>
/// <param name="Next">Where the next page begins; null after the last.</param>
internal sealed record S3Page(IReadOnlyList<S3Entry> Objects, IReadOnlyList<string> Folders, string? Next);
