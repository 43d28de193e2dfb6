namespace Blobs.Distribution.Client;

/// <summary>Looks up credentials. Asked once for each registry, and only when that requires a login.</summary>
public interface ICredentialSource
{
    /// <summary>The credentials for a registry; null when there are none.</summary>
    /// <param name="domain">The registry as it appears in image names: <c>docker.io</c>, <c>127.0.0.1:5000</c>.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default);
}
