using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>
/// Makes the HTTP handler of a client: no cookies, no automatic redirects, no decompression (digests are of the bytes as
/// sent). Blobs use HTTP/1.1, whose receive window the system sizes.
/// </summary>
internal static class RegistrySockets
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <param name="options">Authorities to trust, and the number of connections.</param>
    /// <param name="proxy">The proxies; null for none.</param>
    /// <param name="connect">Connects to a server, or to its proxy.</param>
    public static SocketsHttpHandler Create(
        RegistryClientOptions options,
        IWebProxy? proxy,
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect)
    {
        X509Certificate2Collection? authorities = options.CertificateAuthorityFile is { } file ? Load(file) : null;
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = options.Connections,
            Proxy = proxy,
            UseProxy = proxy is not null,
            ConnectCallback = connect,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                    errors == SslPolicyErrors.None
                    || RegistryAddress.IsLoopback(((SslStream)sender).TargetHostName)
                    || (authorities is not null && IsTrusted(authorities, certificate, chain, errors)),
            },
        };
    }

    private static bool IsTrusted(
        X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // An own authority does not excuse a wrong host name.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null || chain is null)
        {
            return false;
        }

        using var again = new X509Chain();
        again.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        again.ChainPolicy.CustomTrustStore.AddRange(authorities);
        again.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            again.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        using var leaf = new X509Certificate2(certificate);
        return again.Build(leaf);
    }

    private static X509Certificate2Collection Load(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (System.Security.Cryptography.CryptographicException fault)
        {
            throw new MalformedDataException(Fault.CertificateSyntax, 0, $"{file}: contains a malformed certificate: {fault.Message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string why = Directory.Exists(file) ? "is a directory, expected a file"
                : fault is FileNotFoundException or DirectoryNotFoundException ? "no such file or directory"
                : $"cannot be read: {fault.Message}";
            throw new StoreException(file, $"{file}: {why}", fault);
        }

        return authorities.Count > 0
            ? authorities
            : throw new MalformedDataException(Fault.CertificateSyntax, 0, $"{file}: contains no PEM certificates");
    }
}
