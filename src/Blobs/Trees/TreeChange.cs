namespace Blobs.Trees;

/// <summary>One entry that was added, changed or removed in a tree.</summary>
/// <param name="Path">Path below the root, without a leading slash.</param>
/// <param name="IsGone">Whether the entry was removed: the parent has it and this tree does not.</param>
public readonly record struct TreeChange(byte[] Path, bool IsGone);
