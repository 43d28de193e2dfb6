namespace Blobs.Distribution.Storage;

/// <summary>A record as it was read.</summary>
/// <param name="Content">Its bytes. The caller must not modify them.</param>
/// <param name="Version">The version token for <see cref="IRegistryRecords.TryReplaceAsync"/>.</param>
public sealed record StoredRecord(ReadOnlyMemory<byte> Content, string Version);
