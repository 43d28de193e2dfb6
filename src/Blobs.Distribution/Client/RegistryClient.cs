using System.Collections.Concurrent;
using System.Net;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <summary>
/// A client of registries (OCI distribution-spec 1.1). One client serves any number of registries and concurrent
/// callers; it keeps connections and tokens until it is disposed.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/> that has a span for every request.</summary>
    public const string TraceName = "Blobs.Distribution";

    private const int CatalogPage = 1000;

    // A placeholder that names no registry, so no credentials are ever sent.
    private const string OtherAddresses = "other.invalid";

    private readonly RegistryClientOptions _options;
    private readonly RegistryHttp _http;
    private readonly RetryPolicy _retry;

    // A mirror is not worth waiting for.
    private readonly RetryPolicy _once;
    private readonly ConcurrentDictionary<string, RegistryConnection> _connections = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="options">The options; the defaults when null.</param>
    public RegistryClient(RegistryClientOptions? options = null)
        : this(options ??= new RegistryClientOptions(), RegistryHttp.Create(options))
    {
    }

    internal RegistryClient(RegistryClientOptions options, RegistryHttp http)
    {
        _options = options;
        _http = http;
        _retry = new RetryPolicy(_options.Retries, _options.Time, _options.Logger);
        _once = new RetryPolicy(0, _options.Time, _options.Logger);
    }

    /// <summary>The repository of an image name. Sends no request.</summary>
    public RegistryRepository Repository(ImageReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new RegistryRepository(Connection(reference.Domain), reference.Domain, reference.Path)
        {
            Mirrors =
            [
                .. _options.Mirrors.Where(mirror => mirror.Domain == reference.Domain).Select(mirror => MirrorOf(reference, mirror)),
            ],
        };
    }

    /// <summary>Checks that a registry answers, and accepts the credentials that there are for it.</summary>
    /// <param name="domain">The registry, such as <c>127.0.0.1:5000</c>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="RegistryException">It cannot be reached, or it or its token server refuses the credentials.</exception>
    public async Task PingAsync(string domain, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        RegistryConnection connection = Connection(domain);
        Uri address = await connection.ResolveAsync("", cancellationToken).ConfigureAwait(false);
        using HttpResponseMessage response = await connection.SendAsync(
            new RegistryRequest(HttpMethod.Get, address, []), cancellationToken, HttpStatusCode.OK).ConfigureAwait(false);
    }

    /// <summary>Lists the repositories of a registry, without its domain; pages are fetched as needed.</summary>
    /// <param name="domain">The registry, such as <c>127.0.0.1:5000</c>.</param>
    /// <param name="cancellationToken">Cancels the list.</param>
    /// <exception cref="RegistryException">The registry refuses, as many do.</exception>
    public IAsyncEnumerable<string> RepositoriesAsync(string domain, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        return new PagedList(Connection(domain), ["registry:catalog:*"], $"_catalog?n={CatalogPage}")
            .NamesAsync(page => page.Repositories, cancellationToken);
    }

    /// <summary>Opens a blob at the first URL of its descriptor that has it, without credentials. Only the length is
    /// checked; the caller checks the digest.</summary>
    /// <param name="blob">The blob, with its URLs.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="RegistryException">None of them has it.</exception>
    public async Task<Stream> OpenForeignBlobAsync(Descriptor blob, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        (Stream? found, string why) = await RegistryRepository
            .TryOpenUrlsAsync(Connection(OtherAddresses), blob.Urls ?? [], blob, 0, cancellationToken).ConfigureAwait(false);
        return found ?? throw new RegistryException(null, [], $"blob {blob.Digest} is at none of its urls; {why}");
    }

    /// <summary>The credentials for a registry; null when there are none.</summary>
    internal Task<RegistryCredentials?> FindCredentialsAsync(string domain, CancellationToken cancellationToken) =>
        Connection(domain).Authorizer.FindCredentialsAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        foreach (RegistryConnection connection in _connections.Values)
        {
            connection.Dispose();
        }
    }

    private RegistryRepository MirrorOf(ImageReference reference, RegistryMirror mirror)
    {
        string domain = mirror.Address.Authority;
        string prefix = mirror.Address.AbsolutePath.Trim('/');
        var address = new Uri(mirror.Address.GetLeftPart(UriPartial.Authority));
        RegistryConnection connection = _connections.GetOrAdd(
            $"{address}", _ => new RegistryConnection(domain, () => [address], _http, _once, _options));
        return new RegistryRepository(connection, domain, prefix.Length == 0 ? reference.Path : $"{prefix}/{reference.Path}");
    }

    private RegistryConnection Connection(string domain) => _connections.GetOrAdd(
        domain,
        name => new RegistryConnection(name, () => RegistryAddress.Addresses(name, _options.PlainHttp), _http, _retry, _options));
}
