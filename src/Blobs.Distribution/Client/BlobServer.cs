namespace Blobs.Distribution.Client;

/// <summary>A server that may have a blob.</summary>
/// <param name="Connection">The connection to it.</param>
/// <param name="Request">The request for the whole blob.</param>
internal sealed record BlobServer(RegistryConnection Connection, RegistryRequest Request);
