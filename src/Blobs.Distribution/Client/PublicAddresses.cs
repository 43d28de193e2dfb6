using System.Net;
using System.Net.Sockets;

namespace Blobs.Distribution.Client;

/// <summary>Tells public addresses from those of this machine, its link, and private networks (IANA special-purpose address
/// registries; RFC 6890).</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] Others =
    [
        // This network, private networks, carriers' shared space, loopback, link-local, benchmarks, multicast, reserved.
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),

        // Unspecified, loopback and IPv4-compatible; local NAT64; Teredo; unique local; link-local and site-local; multicast.
        IPNetwork.Parse("::/96"), IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("2001::/32"), IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/9"), IPNetwork.Parse("ff00::/8"),
    ];

    // IPv6 addresses that stand for an IPv4 address: NAT64 (RFC 6052) holds it in the last four bytes, 6to4 (RFC 3056)
    // from the third on.
    private static readonly (IPNetwork Network, int Offset)[] Embedding =
        [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>Whether an address is public.</summary>
    public static bool Contains(IPAddress address)
    {
        IPAddress plain = Plain(address);
        return !Array.Exists(Others, network => network.Contains(plain));
    }

    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        // Without its scope, which no network contains.
        byte[] bytes = address.GetAddressBytes();
        var bare = new IPAddress(bytes);
        foreach ((IPNetwork network, int offset) in Embedding)
        {
            if (network.Contains(bare))
            {
                return new IPAddress(bytes.AsSpan(offset, 4));
            }
        }

        return bare;
    }
}
