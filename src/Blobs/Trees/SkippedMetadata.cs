namespace Blobs.Trees;

/// <summary>Metadata that the kernel refused while a tree was unpacked without root. Digests, recording and export do
/// not depend on it.</summary>
/// <param name="Owners">Entries owned by the user who unpacked them instead of the recorded owner.</param>
/// <param name="Devices">Devices that are missing in the tree.</param>
/// <param name="Xattrs">Extended attributes that were not set.</param>
public readonly record struct SkippedMetadata(long Owners, long Devices, long Xattrs);
