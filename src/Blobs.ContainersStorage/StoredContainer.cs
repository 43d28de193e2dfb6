namespace Blobs.ContainersStorage;

/// <summary>What we need to know of a container, as <c>containers.json</c> records it.</summary>
internal sealed record StoredContainer(string Id, IReadOnlyList<string> Names, string? Image, string? Layer);
