namespace Blobs.Distribution.Collection;

/// <summary>Something that garbage collection deletes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">A digest for a blob; <c>NAME@DIGEST</c> for a manifest or the link of a repository to a blob;
/// <c>NAME:TAG</c> for a tag; <c>NAME ID</c> for an upload, and a digest for one
/// whose host died.</param>
/// <param name="Bytes">The length of a blob; 0 for anything else.</param>
public sealed record CollectedItem(CollectedKind Kind, string Name, long Bytes = 0);
