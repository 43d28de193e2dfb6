using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Distribution.Client;

/// <content>Storing credentials, and removing them.</content>
public sealed partial class DockerConfig
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Stores credentials for a registry where <c>docker login</c> does: with the helper that the file names for it,
    /// or else in the file, readable by its owner alone. Everything else in the file stays.</summary>
    /// <param name="domain">The registry.</param>
    /// <param name="credentials">A user with a password, or an identity token.</param>
    /// <param name="cancellationToken">Cancels the helper.</param>
    /// <returns>Where they are now: the file, or the helper's program.</returns>
    /// <exception cref="MalformedDataException">The file does not parse.</exception>
    /// <exception cref="StoreException">The file cannot be read or written.</exception>
    /// <exception cref="RegistryException">The helper could not be run, failed, or did not answer within a minute.</exception>
    [SupportedOSPlatform("linux")]
    public async Task<string> StoreAsync(
        string domain, RegistryCredentials credentials, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        ArgumentNullException.ThrowIfNull(credentials);
        string server = ServerOf(domain);
        if (HelperFor(_file.Value, server) is not { } helper)
        {
            Edit(server, domain, credentials);
            return _path;
        }

        await CredentialHelper.StoreAsync(helper, server, credentials, HelperTime, cancellationToken).ConfigureAwait(false);

        // As docker does: the empty entry says that there is a login.
        Edit(server, domain, new RegistryCredentials());
        return CredentialHelper.ProgramOf(helper);
    }

    /// <summary>Removes the credentials of a registry, from the file and from its helper.</summary>
    /// <param name="domain">The registry.</param>
    /// <param name="cancellationToken">Cancels the helper.</param>
    /// <returns>Where they were; null when there were none.</returns>
    /// <exception cref="MalformedDataException">The file does not parse.</exception>
    /// <exception cref="StoreException">The file cannot be read or written.</exception>
    /// <exception cref="RegistryException">The helper could not be run, failed, or did not answer within a minute.</exception>
    [SupportedOSPlatform("linux")]
    public async Task<string?> EraseAsync(string domain, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        string server = ServerOf(domain);
        string? place = null;
        if (HelperFor(_file.Value, server) is { } helper)
        {
            RegistryCredentials? known =
                await CredentialHelper.GetAsync(helper, server, HelperTime, cancellationToken).ConfigureAwait(false);
            if (known is not null)
            {
                await CredentialHelper.EraseAsync(helper, server, HelperTime, cancellationToken).ConfigureAwait(false);
                place = CredentialHelper.ProgramOf(helper);
            }
        }

        bool isListed = _file.Value.Auths?.Keys.Any(key => IsOf(key, server, domain)) is true;
        if (isListed)
        {
            Edit(server, domain, null);
        }

        return place ?? (isListed ? _path : null);
    }

    [SupportedOSPlatform("linux")]
    private void Edit(string server, string domain, RegistryCredentials? credentials)
    {
        // A link to the file stays a link.
        string path = new FileInfo(_path).LinkTarget is null
            ? Path.GetFullPath(_path)
            : File.ResolveLinkTarget(_path, returnFinalTarget: true)!.FullName;
        byte[] edited = DockerConfigEdit.Apply(
            ReadFile() ?? [], _path, key => IsOf(key, server, domain), credentials is null ? null : (server, credentials));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, Private | UnixFileMode.UserExecute);
            AtomicFile.Replace(path, edited, TemporaryNames.Hidden, Private);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(_path, $"{_path}: cannot be written: {fault.Message}", fault);
        }

        _file = new Lazy<DockerConfigJson>(Load);
    }

    // The same registry under another name: podman's, or an address of docker's old API. An entry for a part of a registry,
    // HOST/NAME, is another login.
    private static bool IsOf(string key, string server, string domain) =>
        key == server || key == domain || (HostOf(key) == HostOf(server) && PathOf(key) is "" or "v1" or "v2");

    private static string PathOf(string key)
    {
        int scheme = key.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? key : key[(scheme + 3)..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : rest[slash..].Trim('/');
    }
}
