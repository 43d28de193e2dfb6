namespace Blobs.Trees;

/// <summary>One thing that a changed tree has, or has no more.</summary>
/// <param name="Path">Below the root, without a slash in front.</param>
/// <param name="IsGone">Whether the parent has it and this tree does not.</param>
public readonly record struct TreeChange(byte[] Path, bool IsGone);
