using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Blobs.Cli.Serve;

/// <summary>An address to listen on, as docker-registry takes it: <c>HOST:PORT</c>, with an IPv6 address in
/// brackets; <c>:PORT</c> is
/// every address.</summary>
/// <param name="Host">An IP address or a name; empty for every address.</param>
/// <param name="Port">The port; 0 takes a free one.</param>
internal sealed record ListenAddress(string Host, int Port)
{
    private const string LocalHost = "localhost";

    public static ListenAddress? TryParse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return null;
        }

        string host = text[..colon];
        bool isBracketed = host is ['[', .., ']'];
        host = isBracketed ? host[1..^1] : host;
        bool isAddress = IPAddress.TryParse(host, out IPAddress? address);
        bool isRight = isBracketed
            ? isAddress && address!.AddressFamily == AddressFamily.InterNetworkV6
            : host.Length == 0 || (!host.Contains(':', StringComparison.Ordinal) && (isAddress || IsName(host)));
        return isRight ? new ListenAddress(host, port) : null;
    }

    /// <summary>Resolves a name to an address, preferring IPv4 as Go programs do.</summary>
    public async Task<ListenAddress> ResolveAsync(CancellationToken cancellationToken)
    {
        if (Host.Length == 0 || Host == LocalHost || IPAddress.TryParse(Host, out _))
        {
            return this;
        }

        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(Host, cancellationToken).ConfigureAwait(false);
            IPAddress chosen = Array.Find(found, address => address.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
            return this with { Host = $"{chosen}" };
        }
        catch (SocketException fault)
        {
            throw new WorkFailedException($"{this}: cannot resolve the host name: {fault.Message}", fault);
        }
    }

    public void ApplyTo(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        if (Host.Length == 0)
        {
            kestrel.ListenAnyIP(Port, configure);
        }
        else if (Host != LocalHost)
        {
            kestrel.Listen(IPAddress.Parse(Host), Port, configure);
        }
        else if (Port == 0)
        {
            // With both IPv4 and IPv6, port 0 would bind two different ports.
            kestrel.Listen(IPAddress.Loopback, Port, configure);
        }
        else
        {
            kestrel.ListenLocalhost(Port, configure);
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    private static bool IsName(string text)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))
            {
                return false;
            }
        }

        return true;
    }
}
