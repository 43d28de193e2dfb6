using System.Net;
using Blobs.Errors;

namespace Blobs.Client;

/// <summary>Where a registry is, by its name in image names, and how far it is trusted; the rules are dockerd's.</summary>
internal static class RegistryHost
{
    private const string HubDomain = "docker.io";
    private const string HubAddress = "https://registry-1.docker.io/";

    /// <summary>Addresses to try, the best first. The ones on this machine may have no certificate, or a bad one, or speak plain
    /// HTTP; nobody else may, unless the user says so.</summary>
    public static IReadOnlyList<Uri> Addresses(string domain, bool isPlainHttp)
    {
        if (!Uri.TryCreate($"http://{domain}/", UriKind.Absolute, out Uri? plain))
        {
            throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{domain}: is no host and port");
        }

        if (isPlainHttp)
        {
            return [plain];
        }

        if (domain == HubDomain)
        {
            return [new Uri(HubAddress)];
        }

        var secure = new Uri($"https://{domain}/");
        return IsLoopback(secure.IdnHost) ? [secure, plain] : [secure];
    }

    /// <summary>Whether the host is this machine by its name alone: <c>localhost</c>, <c>127.0.0.0/8</c>, <c>::1</c>.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Where an answer sends us on to; not anywhere that is no web address, nor away from HTTPS.</summary>
    /// <exception cref="MalformedDataException">It does not say, or to such a place.</exception>
    public static Uri LocationOf(RegistryRequest request, HttpResponseMessage response)
    {
        Uri address = response.RequestMessage!.RequestUri!;
        if (response.Headers.Location is not { } location || !Uri.TryCreate(address, location, out Uri? next))
        {
            throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the answer does not say where it goes on");
        }

        bool isAllowed = next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
        return isAllowed
            ? next
            : throw new MalformedDataException(
                Fault.RegistryAnswer, 0, $"{request}: it would go on without HTTPS, at {next.Scheme}://{next.Host}");
    }

    /// <summary>Whether both addresses mean the same server: what is told to one may be told to the other.</summary>
    public static bool IsSame(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.IdnHost.Equals(right.IdnHost, StringComparison.OrdinalIgnoreCase) && left.Port == right.Port;

    /// <summary>Whether what lets somebody in at one address may be told at the other as well: the same server, or the same host once it
    /// has gone over to HTTPS.</summary>
    public static bool MayBeTold(Uri owner, Uri other) => IsSame(owner, other)
        || (owner.Scheme == Uri.UriSchemeHttp && other.Scheme == Uri.UriSchemeHttps && owner.IsDefaultPort && other.IsDefaultPort
            && owner.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase));

    /// <summary>An address for people: without user, password and query, any of which may be secret.</summary>
    public static string Show(Uri address) => address.GetComponents(
        UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
