namespace Blobs.Distribution.Client;

/// <summary>A server that may have a blob.</summary>
/// <param name="Connection">The connection to it.</param>
/// <param name="FindAsync">The request for the whole blob. A registry is looked for only once its mirrors have failed.</param>
internal sealed record BlobServer(
    RegistryConnection Connection, Func<CancellationToken, ValueTask<RegistryRequest>> FindAsync)
{
    public BlobServer(RegistryConnection connection, RegistryRequest request)
        : this(connection, _ => ValueTask.FromResult(request))
    {
    }
}
