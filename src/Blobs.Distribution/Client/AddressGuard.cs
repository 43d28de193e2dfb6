using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Blobs.Distribution.Client;

/// <summary>
/// Keeps a registry on a public address from sending us into private networks: by a redirect, a token server, the address of
/// an upload, or the URLs of a blob. What counts is the address that is connected to, so a name that resolves differently the
/// next time gains nothing. Requests to other servers have connections of their own, which only lead to public addresses.
/// </summary>
internal sealed class AddressGuard
{
    private readonly ConcurrentDictionary<(string Host, int Port), bool> _seen = new();

    /// <summary>Whether an address is public.</summary>
    public Func<IPAddress, bool> IsPublicAddress { get; init; } = PublicAddresses.Contains;

    /// <summary>Resolves a host name.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>The proxies that requests are sent through; null for none.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Whether a server is on a public address. One that no connection was made to, as behind a proxy, counts as
    /// public, unless it is named by a private address.</summary>
    public bool IsPublic(Uri server) => LiteralOf(server) is { } literal
        ? IsPublicAddress(literal)
        : _seen.GetValueOrDefault((server.IdnHost, server.Port), true);

    /// <summary>Checks an address that a registry sends us to, before a request. A proxy connects on our behalf, so there the
    /// name is resolved here; a name that only the proxy can resolve is its business.</summary>
    /// <exception cref="PrivateAddressException">It is not public.</exception>
    public async ValueTask CheckAsync(Uri server, CancellationToken cancellationToken)
    {
        if (LiteralOf(server) is { } literal)
        {
            Check([literal]);
        }
        else if (Proxy?.GetProxy(server) is not null)
        {
            try
            {
                Check(await Resolve(server.IdnHost, cancellationToken).ConfigureAwait(false));
            }
            catch (SocketException)
            {
            }
        }
    }

    /// <summary>Connects anywhere, and remembers whether the server is on a public address.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint server = context.DnsEndPoint;
        IPAddress[] addresses = await AddressesAsync(server.Host, cancellationToken).ConfigureAwait(false);
        NetworkStream stream = await OpenAsync(addresses, server.Port, cancellationToken).ConfigureAwait(false);
        IPAddress reached = ((IPEndPoint)stream.Socket.RemoteEndPoint!).Address;
        bool isPublic = IsPublicAddress(reached.IsIPv4MappedToIPv6 ? reached.MapToIPv4() : reached);
        _seen.AddOrUpdate((server.Host, server.Port), isPublic, (_, was) => was || isPublic);
        return stream;
    }

    /// <summary>Connects to a public address, or to the proxy of the user.</summary>
    /// <exception cref="PrivateAddressException">The server has no public address.</exception>
    public async ValueTask<Stream> ConnectToPublicAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        DnsEndPoint server = context.DnsEndPoint;
        IPAddress[] addresses = await AddressesAsync(server.Host, cancellationToken).ConfigureAwait(false);
        if (!IsProxy(context))
        {
            Check(addresses);
            addresses = [.. addresses.Where(IsPublicAddress)];
        }

        return await OpenAsync(addresses, server.Port, cancellationToken).ConfigureAwait(false);
    }

    // The connections of a proxy carry only requests that were checked before.
    private bool IsProxy(SocketsHttpConnectionContext context) =>
        Proxy?.GetProxy(context.InitialRequestMessage.RequestUri!) is { } proxy
        && proxy.IdnHost == context.DnsEndPoint.Host && proxy.Port == context.DnsEndPoint.Port;

    // A name may have both kinds of addresses; one public one is enough, as only that is connected to.
    private void Check(IPAddress[] addresses)
    {
        if (addresses.Length > 0 && !Array.Exists(addresses, address => IsPublicAddress(address)))
        {
            throw new PrivateAddressException(addresses[0]);
        }
    }

    private async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out IPAddress? literal)
            ? [literal]
            : await Resolve(host, cancellationToken).ConfigureAwait(false);

    private static async Task<NetworkStream> OpenAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A name below localhost is this machine's too (RFC 6761, 6.3).
    private static IPAddress? LiteralOf(Uri server)
    {
        string host = server.IdnHost.TrimEnd('.');
        return IPAddress.TryParse(host.AsSpan().Trim("[]"), out IPAddress? address) ? address
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : null;
    }
}
