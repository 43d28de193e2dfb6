using Blobs.Files.Internal;

namespace Blobs.Distribution.Client;

/// <summary>The logins that a user's programs stored: docker's, then those of podman, skopeo and buildah
/// (containers-auth.json).</summary>
internal sealed class StoredLogins : ICredentialSource
{
    private readonly DockerConfig[] _files = [new DockerConfig(), .. ContainersFiles().Select(file => new DockerConfig(file))];

    public async ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default)
    {
        foreach (DockerConfig file in _files)
        {
            if (await file.FindAsync(domain, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static IEnumerable<string> ContainersFiles()
    {
        const string Name = "auth.json";
        const string Folder = "containers";
        if (Variable("REGISTRY_AUTH_FILE") is { } named)
        {
            return [named];
        }

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return
        [
            Variable("XDG_RUNTIME_DIR") is { } runtime
                ? Path.Combine(runtime, Folder, Name)
                : Path.Combine("/run", Folder, $"{CurrentUser.User}", Name),
            Path.Combine(Variable("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config"), Folder, Name),
        ];
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
