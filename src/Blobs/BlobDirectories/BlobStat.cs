namespace Blobs.BlobDirectories;

/// <summary>Facts about a stored blob that need no reading of it.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ChangedAt">When it was last written or touched, by the clock of the file system.</param>
public readonly record struct BlobStat(long Length, DateTimeOffset ChangedAt);
