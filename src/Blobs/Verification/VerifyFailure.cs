namespace Blobs.Verification;

/// <summary>Something in a store that could not be read: handles or memory ran out, the disk failed, or it is not ours to read. That says
/// nothing about whether it is as it should be.</summary>
/// <param name="Path">The file or directory, below the store's own directory; a directory stands for all below it.</param>
/// <param name="Why">What the kernel said, or which limit was met.</param>
public sealed record VerifyFailure(string Path, string Why);
