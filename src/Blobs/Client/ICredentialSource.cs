namespace Blobs.Client;

/// <summary>Knows credentials by registry. Asked once a registry, and only when it does not let everybody in.</summary>
public interface ICredentialSource
{
    /// <summary>The credentials for a registry; null when there are none.</summary>
    /// <param name="domain">The registry as image names have it: <c>docker.io</c>, <c>127.0.0.1:5000</c>.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default);
}
