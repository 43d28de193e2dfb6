namespace Blobs.ContainersStorage;

/// <summary>What a removal removed.</summary>
/// <param name="Names">The names that were taken from the image.</param>
/// <param name="Id">The image's id, if it was removed; null if it still has a name.</param>
/// <param name="Layers">Ids of the layers that were removed with it, the top one first.</param>
public sealed record RemovedImage(IReadOnlyList<string> Names, string? Id, IReadOnlyList<string> Layers);
