using System.Net;

namespace Blobs.Distribution.Client;

/// <summary>
/// The proxies that <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> name, as Go's clients read them
/// (golang.org/x/net/http/httpproxy), so that proxy settings that work for docker work here. .NET's own implementation
/// supports neither networks, nor ports, nor <c>*</c>, nor parent domains without a dot.
/// </summary>
internal sealed class EnvironmentProxy(string? http, string? https, string? exceptions) : IWebProxy
{
    private readonly ProxyExceptions _exceptions = new(exceptions);
    private readonly Uri? _http = Parse(http);
    private readonly Uri? _https = Parse(https);

    public ICredentials? Credentials { get; set; } = new UserInfo();

    /// <summary>Reads the process's environment: each variable in upper case, and if that is empty in lower case.</summary>
    public static EnvironmentProxy OfProcess() => new(Variable("HTTP_PROXY"), Variable("HTTPS_PROXY"), Variable("NO_PROXY"));

    public Uri? GetProxy(Uri destination) =>
        (destination.Scheme == Uri.UriSchemeHttps ? _https : _http) is { } proxy && !_exceptions.Contains(destination) ? proxy : null;

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : Environment.GetEnvironmentVariable(name.ToLowerInvariant());

    // Without a scheme the proxy speaks HTTP. An invalid address counts as no proxy.
    private static Uri? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        bool isAddress = Uri.TryCreate(text, UriKind.Absolute, out Uri? proxy)
            && proxy.Scheme is "http" or "https" or "socks5" or "socks5h";
        bool hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!isAddress && (hasScheme || !Uri.TryCreate($"http://{text}", UriKind.Absolute, out proxy)))
        {
            return null;
        }

        // The proxy always resolves names, so both schemes mean the same.
        return proxy!.Scheme == "socks5h" ? new UriBuilder(proxy) { Scheme = "socks5" }.Uri : proxy;
    }

    /// <summary>User and password from a proxy's address.</summary>
    private sealed class UserInfo : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            if (uri.UserInfo.Length == 0)
            {
                return null;
            }

            int colon = uri.UserInfo.IndexOf(':', StringComparison.Ordinal);
            string user = colon < 0 ? uri.UserInfo : uri.UserInfo[..colon];
            string password = colon < 0 ? "" : uri.UserInfo[(colon + 1)..];
            return new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        }
    }
}
