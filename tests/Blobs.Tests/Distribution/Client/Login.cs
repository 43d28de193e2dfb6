using Blobs.Distribution.Client;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Returns the same credentials for every registry, and counts the requests for them.</summary>
internal sealed class Login(RegistryCredentials? credentials) : ICredentialSource
{
    public int Count { get; private set; }

    public ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default)
    {
        Count++;
        return ValueTask.FromResult(credentials);
    }
}
