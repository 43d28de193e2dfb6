namespace Blobs.Trees;

/// <summary>What the kernel refused while a tree was unpacked without the rights of root. Digests, recording and export do not
/// depend on any of it.</summary>
/// <param name="Owners">Entries that belong to who unpacked them instead of the owner recorded.</param>
/// <param name="Devices">Devices that are not in the tree.</param>
/// <param name="Xattrs">Extended attributes that were not set.</param>
public readonly record struct SkippedMetadata(long Owners, long Devices, long Xattrs);
