using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Blobs.Distribution.Client;
using Blobs.Errors;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests which certificates are trusted, with real TLS handshakes and a test certificate authority.</summary>
public sealed class RegistrySocketsTests : IDisposable
{
    private const string Host = "registry.example";

    private readonly string _folder = Directory.CreateTempSubdirectory("blobs-").FullName;
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _server;

    public RegistrySocketsTests()
    {
        using RSA authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=our own authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = authority.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(_authority, _authority.NotBefore, _authority.NotAfter, [1, 2, 3]);
        _server = signed.CopyWithPrivateKey(key);
    }

    private string AuthorityFile
    {
        get
        {
            string file = Path.Combine(_folder, "ca.pem");
            File.WriteAllText(file, _authority.ExportCertificatePem());
            return file;
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_certificate_of_a_given_authority_is_trusted() =>
        Assert.Null(await ConnectAsync(Host, new RegistryClientOptions { CertificateAuthorityFile = AuthorityFile }));

    [Fact]
    public async Task A_certificate_of_another_authority_is_not_trusted() =>
        Assert.NotNull(await ConnectAsync(Host, new RegistryClientOptions()));

    [Fact]
    public async Task A_certificate_for_another_host_name_is_rejected_whoever_signed_it() =>
        Assert.NotNull(await ConnectAsync("other.example", new RegistryClientOptions { CertificateAuthorityFile = AuthorityFile }));

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.1.2.3")]
    public async Task A_loopback_registry_may_have_any_certificate(string host) =>
        Assert.Null(await ConnectAsync(host, new RegistryClientOptions()));

    [Fact]
    public void A_file_without_certificates_is_an_error()
    {
        string file = Path.Combine(_folder, "empty.pem");
        File.WriteAllText(file, "nothing");
        Assert.Throws<MalformedDataException>(() => new RegistryClient(new RegistryClientOptions { CertificateAuthorityFile = file }));
    }

    // Sends a request to a host name that resolves to a local server, and returns the error, if any.
    private async Task<HttpRequestException?> ConnectAsync(string host, RegistryClientOptions options)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener);
        using SocketsHttpHandler handler = RegistrySockets.Create(options, null, async (_, token) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(listener.LocalEndpoint, token);
            return new NetworkStream(socket, ownsSocket: true);
        });
        using var client = new HttpClient(handler);
        try
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri($"https://{host}/"));
            return null;
        }
        catch (HttpRequestException fault)
        {
            return fault;
        }
        finally
        {
            await serving;
        }
    }

    private async Task ServeAsync(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(_server);
            await stream.ReadAtLeastAsync(new byte[1], 1);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        }
        catch (Exception fault) when (fault is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client rejected the certificate and closed the connection.
        }
    }
}
