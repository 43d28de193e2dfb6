namespace Blobs.BlobDirectories;

/// <summary>What is known of a stored blob without reading it.</summary>
/// <param name="Length">How many bytes it has.</param>
/// <param name="ChangedAt">When it was written, or made young again, by the clock of where it is stored.</param>
public readonly record struct BlobStat(long Length, DateTimeOffset ChangedAt);
