using System.Text;
using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>
/// Credentials as <c>docker login</c>, <c>podman login</c> and <c>skopeo login</c> store them: in a JSON file, or with a helper
/// program that it names. The file is read when it is first needed.
/// </summary>
public sealed partial class DockerConfig : ICredentialSource
{
    private const int FileBytesMax = 4 << 20;

    // Docker Hub's credentials are kept under the address of its first API.
    private const string HubDomain = "docker.io";
    private const string HubServer = "https://index.docker.io/v1/";

    private readonly string _path;
    private Lazy<DockerConfigJson> _file;

    /// <param name="path">The file. When null, <c>config.json</c> in <c>$DOCKER_CONFIG</c>, or else in <c>~/.docker</c>.
    /// A missing file has no credentials.</param>
    public DockerConfig(string? path = null)
    {
        _path = path ?? Path.Combine(
            Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } folder
                ? folder
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker"),
            "config.json");
        _file = new Lazy<DockerConfigJson>(Load);
    }

    /// <summary>How long a helper may take.</summary>
    internal TimeSpan HelperTime { get; init; } = CredentialHelper.DefaultTime;

    /// <inheritdoc/>
    /// <exception cref="MalformedDataException">The file, or a helper's answer, does not parse.</exception>
    /// <exception cref="StoreException">The file cannot be read.</exception>
    /// <exception cref="RegistryException">A helper could not be run, failed, or did not answer within a minute.</exception>
    public async ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        DockerConfigJson file = _file.Value;
        string server = ServerOf(domain);
        if (HelperFor(file, server) is { } helper)
        {
            return await CredentialHelper.GetAsync(helper, server, HelperTime, cancellationToken).ConfigureAwait(false);
        }

        // podman names Docker Hub as images do.
        DockerConfigJson.AuthJson? entry = file.Auths?.GetValueOrDefault(server)
            ?? file.Auths?.GetValueOrDefault(domain)
            ?? file.Auths?.FirstOrDefault(item => HostOf(item.Key) == HostOf(server)).Value;
        return entry is null ? null : Read(entry, server);
    }

    private static string ServerOf(string domain) => domain == HubDomain ? HubServer : domain;

    // A helper for this one registry comes first, then the store for all of them, as in docker. An empty name means this
    // file itself.
    private static string? HelperFor(DockerConfigJson file, string server) =>
        (file.CredHelpers?.TryGetValue(server, out string? own) is true ? own : file.CredsStore) is { Length: > 0 } helper
            ? helper
            : null;

    private RegistryCredentials? Read(DockerConfigJson.AuthJson entry, string server)
    {
        (string? username, string? password) = string.IsNullOrEmpty(entry.Auth)
            ? (entry.Username, entry.Password)
            : Decode(entry.Auth, server);
        var credentials = new RegistryCredentials
        {
            Username = Some(username),
            Password = Some(password),
            IdentityToken = Some(entry.IdentityToken),
            RegistryToken = Some(entry.RegistryToken),
        };

        // With a credential store, the file keeps an empty entry for each registry with a login.
        return credentials == new RegistryCredentials() ? null : credentials;
    }

    private (string Username, string Password) Decode(string auth, string server)
    {
        Span<byte> bytes = new byte[auth.Length];
        string text = Convert.TryFromBase64String(auth, bytes, out int length) ? Encoding.UTF8.GetString(bytes[..length]) : "";
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? (text[..colon], text[(colon + 1)..].TrimEnd('\0'))
            : throw new MalformedDataException(
                Fault.CredentialSyntax, 0, $"{_path}: the auth of {server} is not base64 of USER:PASSWORD");
    }

    private DockerConfigJson Load() => ReadFile() is { Length: > 0 } bytes
        ? ClientJson.Read(bytes, DockerConfigJson.Read, _path, Fault.CredentialSyntax)
        : new DockerConfigJson();

    // Null when it is not there.
    private byte[]? ReadFile()
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (file.Length > FileBytesMax)
            {
                throw new MalformedDataException(Fault.CredentialSyntax, FileBytesMax, $"{_path}: is too long for a credentials file");
            }

            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string why = Directory.Exists(_path) ? "is a directory, expected a file" : $"cannot be read: {fault.Message}";
            throw new StoreException(_path, $"{_path}: {why}", fault);
        }
    }

    // Old entries are addresses, such as https://host/v1/.
    private static string HostOf(string server)
    {
        int scheme = server.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? server : server[(scheme + 3)..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? rest : rest[..slash];
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
