using Blobs.Distribution.Client;

namespace Blobs.Tests.Distribution.Client;

/// <summary>The same credentials for every registry; counts how often it was asked.</summary>
internal sealed class Login(RegistryCredentials? credentials) : ICredentialSource
{
    public int Count { get; private set; }

    public ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default)
    {
        Count++;
        return ValueTask.FromResult(credentials);
    }
}
