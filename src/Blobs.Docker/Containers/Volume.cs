namespace Blobs.Docker.Containers;

/// <summary>A directory of the host that is mounted into a container, and outlives it.</summary>
/// <param name="Name">64 hex digits, as dockerd names anonymous volumes.</param>
/// <param name="Destination">Its path in the container: absolute, without a trailing slash.</param>
internal sealed record Volume(string Name, string Destination);
