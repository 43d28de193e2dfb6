using System.Net;
using System.Net.Sockets;
using System.Text;
using Blobs.Distribution.Client;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests proxy settings. The expectations are those of Go's package
/// (golang.org/x/net/http/httpproxy).</summary>
public sealed class EnvironmentProxyTests
{
    private const string Proxy = "http://proxy.example:3128";

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.1.2.3", false)]
    [InlineData("10.9.9.9/8", "10.1.2.3:5000", true)]
    [InlineData("10.0.0.0/8", "10.example", false)]
    [InlineData("10.0.0.0/33", "10.1.2.3", false)]
    [InlineData("2001:db8::/32", "[2001:db8:1::5]:5000", true)]
    [InlineData("2001:db8::/32", "[2001:db9::5]", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("0.0.0.0/0", "8.8.8.8", true)]
    [InlineData("0.0.0.0/0", "registry.example", false)]
    [InlineData("192.168.1.7", "192.168.1.7:5000", true)]
    [InlineData("192.168.1.7", "192.168.1.70", false)]
    [InlineData("192.168.1.7:5000", "192.168.1.7:5000", true)]
    [InlineData("192.168.1.7:5000", "192.168.1.7:5001", false)]
    [InlineData("192.168.1.7:443", "192.168.1.7", true)]
    [InlineData("192.168.1.7:80", "192.168.1.7", false)]
    [InlineData("[2001:db8::5]:5000", "[2001:db8::5]:5000", true)]
    [InlineData("[2001:db8::5]:5000", "[2001:db8::5]", false)]
    [InlineData("2001:db8::5", "[2001:DB8:0::5]:5000", true)]
    [InlineData("[2001:db8::5]", "[2001:db8::5]", false)]
    [InlineData("::ffff:192.168.1.7", "192.168.1.7", true)]
    [InlineData("192.168.1", "192.168.0.1", false)]
    [InlineData("example.com", "example.com", true)]
    [InlineData("example.com", "registry.example.com:5000", true)]
    [InlineData("example.com", "notexample.com", false)]
    [InlineData("example.com", "example.com.evil.example", false)]
    [InlineData(".example.com", "registry.example.com", true)]
    [InlineData(".example.com", "a.b.example.com", true)]
    [InlineData(".example.com", "example.com", false)]
    [InlineData("*.example.com", "registry.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("re*.example.com", "registry.example.com", false)]
    [InlineData("EXAMPLE.com", "Registry.Example.COM", true)]
    [InlineData("example.com:5000", "registry.example.com:5000", true)]
    [InlineData("example.com:5000", "registry.example.com", false)]
    [InlineData(".example.com:5000", "registry.example.com:5000", true)]
    [InlineData(".example.com:5000", "example.com:5000", false)]
    [InlineData("example.com:443", "example.com", true)]
    [InlineData("example.com:", "example.com:5000", true)]
    [InlineData(":5000", "example.com:5000", false)]
    [InlineData("com", "example.com", true)]
    [InlineData("example.com.", "example.com", false)]
    [InlineData("example.com", "example.com.", false)]
    [InlineData("*", "anything.example:1", true)]
    [InlineData("one.example,*", "8.8.8.8", true)]
    [InlineData(" one.example , example.com ,", "example.com", true)]
    [InlineData("one.example example.com", "example.com", false)]
    [InlineData("bücher.example", "xn--bcher-kva.example", true)]
    [InlineData(".BÜCHER.example", "www.bücher.example", true)]
    [InlineData("xn--bcher-kva.example", "bücher.example", true)]
    [InlineData("", "localhost:5000", true)]
    [InlineData("", "LOCALHOST", true)]
    [InlineData("", "127.1.2.3:5000", true)]
    [InlineData("", "[::1]:5000", true)]
    [InlineData("", "registry.example", false)]
    public void Servers_in_NO_PROXY_are_reached_directly(string exceptions, string host, bool isDirect)
    {
        var proxy = new EnvironmentProxy(null, Proxy, exceptions);
        var address = new Uri($"https://{host}/v2/");
        Assert.Equal(isDirect ? null : new Uri(Proxy), proxy.GetProxy(address));
        Assert.Equal(isDirect, proxy.IsBypassed(address));
    }

    [Theory]
    [InlineData("proxy.example:3128", "http://proxy.example:3128/")]
    [InlineData("10.0.0.1:3128", "http://10.0.0.1:3128/")]
    [InlineData("proxy.example", "http://proxy.example/")]
    [InlineData("https://proxy.example", "https://proxy.example/")]
    [InlineData("socks5://proxy.example:1080", "socks5://proxy.example:1080/")]
    [InlineData("socks5h://proxy.example:1080", "socks5://proxy.example:1080/")]
    [InlineData("", null)]
    [InlineData("http://", null)]
    public void A_proxy_without_a_scheme_is_one_of_http(string text, string? proxy) =>
        Assert.Equal(proxy, new EnvironmentProxy(text, null, null).GetProxy(new Uri("http://registry.example/"))?.AbsoluteUri);

    [Fact]
    public void Each_scheme_has_its_own_proxy()
    {
        var proxy = new EnvironmentProxy("http://one.example", "http://two.example", null);
        Assert.Equal("one.example", proxy.GetProxy(new Uri("http://registry.example/"))?.Host);
        Assert.Equal("two.example", proxy.GetProxy(new Uri("https://registry.example/"))?.Host);
        Assert.Null(new EnvironmentProxy("http://one.example", null, null).GetProxy(new Uri("https://registry.example/")));
    }

    [Fact]
    public async Task A_request_goes_through_the_proxy_with_its_user_and_password_and_an_exception_does_not()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<string[]> seen = ServeAsync(listener);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var handler = new SocketsHttpHandler
        {
            Proxy = new EnvironmentProxy($"alice:s3cr%3At@127.0.0.1:{port}", null, null),
        };
        using var client = new HttpClient(handler);
        Assert.Equal("proxied", await client.GetStringAsync(new Uri("http://registry.invalid/v2/")));
        using HttpResponseMessage direct = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/v2/"));
        Assert.Equal(HttpStatusCode.ProxyAuthenticationRequired, direct.StatusCode);
        listener.Stop();
        string[] requests = await seen;
        Assert.Equal(3, requests.Length);
        Assert.StartsWith("GET /v2/ ", requests[2], StringComparison.Ordinal);
        Assert.StartsWith("GET http://registry.invalid/v2/ ", requests[1], StringComparison.Ordinal);
        Assert.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String("alice:s3cr:t"u8)}", requests[1], StringComparison.Ordinal);
    }

    // Refuses clients without credentials, and answers all others itself.
    private static async Task<string[]> ServeAsync(TcpListener listener)
    {
        var requests = new List<string>();
        byte[] buffer = new byte[16 << 10];
        try
        {
            while (true)
            {
                using Socket connection = await listener.AcceptSocketAsync();
                int length = 0;
                while (!Encoding.ASCII.GetString(buffer, 0, length).EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    length += await connection.ReceiveAsync(buffer.AsMemory(length));
                }

                string request = Encoding.ASCII.GetString(buffer, 0, length);
                requests.Add(request);
                string answer = request.Contains("Proxy-Authorization", StringComparison.Ordinal)
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nproxied"
                    : "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                await connection.SendAsync(Encoding.ASCII.GetBytes(answer));
                connection.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return [.. requests];
        }
    }
}
