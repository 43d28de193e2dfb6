namespace Blobs.Docker.Containers;

/// <summary>A directory of the host that a container sees at one of its paths, and that outlives it.</summary>
/// <param name="Name">64 hex digits, as the engine names volumes that nobody named.</param>
/// <param name="Destination">Where the container sees it: absolute, without a slash at the end.</param>
internal sealed record Volume(string Name, string Destination);
