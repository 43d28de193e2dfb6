namespace Blobs.Storage;

/// <summary>Which part of a sorted list is asked for.</summary>
/// <param name="Count">How many; null for all that are left.</param>
/// <param name="After">The name they come after, which need not exist; null for the start.</param>
public readonly record struct RegistryPage(int? Count = null, string? After = null);
