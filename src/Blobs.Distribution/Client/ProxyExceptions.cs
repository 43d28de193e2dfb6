using System.Globalization;
using System.Net;

namespace Blobs.Distribution.Client;

/// <summary>
/// The servers of <c>NO_PROXY</c>, as Go's clients read it (golang.org/x/net/http/httpproxy), separated by commas:
/// addresses and domains with their subdomains, both with an optional port; networks; and <c>*</c> for everything.
/// </summary>
internal sealed class ProxyExceptions
{
    private readonly List<IPNetwork> _networks = [];
    private readonly List<(IPAddress Address, string Port)> _addresses = [];
    private readonly List<(string Suffix, bool IncludesDomain, string Port)> _domains = [];
    private readonly bool _isEverything;

    public ProxyExceptions(string? text)
    {
        foreach (string entry in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry == "*")
            {
                _isEverything = true;
                return;
            }

            Add(entry.ToLowerInvariant());
        }
    }

    /// <summary>Whether a server is reached without the proxy. Loopback always is.</summary>
    public bool Contains(Uri server)
    {
        string host = server.IdnHost.ToLowerInvariant();
        string port = server.Port.ToString(CultureInfo.InvariantCulture);
        if (_isEverything || RegistryAddress.IsLoopback(host))
        {
            return true;
        }

        int zone = host.IndexOf('%', StringComparison.Ordinal);
        if (TryParse(zone < 0 ? host : host[..zone], out IPAddress address)
            && (_networks.Exists(network => network.Contains(address))
                || _addresses.Exists(entry => entry.Address.Equals(address) && IsPort(entry.Port, port))))
        {
            return true;
        }

        return _domains.Exists(entry => IsPort(entry.Port, port)
            && (host.EndsWith(entry.Suffix, StringComparison.Ordinal)
                || (entry.IncludesDomain && host.AsSpan().SequenceEqual(entry.Suffix.AsSpan(1)))));
    }

    private void Add(string entry)
    {
        if (TryParseNetwork(entry, out IPNetwork network))
        {
            _networks.Add(network);
            return;
        }

        (string host, string port) = Split(entry);
        if (TryParse(host, out IPAddress address))
        {
            _addresses.Add((address, port));
            return;
        }

        if (host.StartsWith("*.", StringComparison.Ordinal))
        {
            host = host[1..];
        }

        if (host.Length > 0)
        {
            bool includesDomain = host[0] != '.';
            _domains.Add((Ascii(includesDomain ? $".{host}" : host), includesDomain, port));
        }
    }

    // HOST:PORT or [ADDRESS]:PORT; anything with more colons is an address without a port.
    private static (string Host, string Port) Split(string entry)
    {
        int colon = entry.LastIndexOf(':');
        if (colon < 0)
        {
            return (entry, "");
        }

        (string host, string port) = (entry[..colon], entry[(colon + 1)..]);
        return host.StartsWith('[') && host.EndsWith(']') ? (host[1..^1], port)
            : host.AsSpan().ContainsAny(":[]") || port.AsSpan().ContainsAny("[]") ? (entry, "")
            : (host, port);
    }

    private static bool IsPort(string wanted, string port) => wanted.Length == 0 || wanted == port;

    // An IPv4-mapped IPv6 address is its IPv4 address, here and in networks.
    private static bool TryParseNetwork(string entry, out IPNetwork network)
    {
        network = default;
        int slash = entry.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryParseRaw(entry[..slash], out IPAddress? address)
            || !int.TryParse(entry[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            || bits > address.GetAddressBytes().Length * 8)
        {
            return false;
        }

        const int MappedBits = 96;
        if (address.IsIPv4MappedToIPv6 && bits >= MappedBits)
        {
            (address, bits) = (address.MapToIPv4(), bits - MappedBits);
        }

        // Host bits may be set; clear them.
        byte[] bytes = address.GetAddressBytes();
        for (int bit = bits; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        network = new IPNetwork(new IPAddress(bytes), bits);
        return true;
    }

    private static bool TryParse(string text, out IPAddress address)
    {
        bool isAddress = TryParseRaw(text, out IPAddress? parsed);
        address = parsed is { IsIPv4MappedToIPv6: true } ? parsed.MapToIPv4() : parsed ?? IPAddress.None;
        return isAddress;
    }

    // IPv4 only as four decimal numbers: .NET also accepts "10" and "0x7f.1", other clients do not.
    private static bool TryParseRaw(string text, out IPAddress address)
    {
        bool isPlain = text.Contains(':', StringComparison.Ordinal)
            ? !text.AsSpan().ContainsAny("[]%")
            : text.Split('.') is { Length: 4 } parts && Array.TrueForAll(parts, part =>
                byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte number) && part == $"{number}");
        address = isPlain && IPAddress.TryParse(text, out IPAddress? parsed) ? parsed : IPAddress.None;
        return isPlain && !ReferenceEquals(address, IPAddress.None);
    }

    private static string Ascii(string domain)
    {
        try
        {
            var mapping = new IdnMapping();
            return string.Join('.', domain.Split('.').Select(label => System.Text.Ascii.IsValid(label) ? label : mapping.GetAscii(label)));
        }
        catch (ArgumentException)
        {
            // Not a valid host name, so it matches no host.
            return domain;
        }
    }
}
