using System.Net;
using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>Addresses of registries, and which address may receive credentials; the rules are dockerd's.</summary>
internal static class RegistryAddress
{
    private const string HubDomain = "docker.io";
    private const string HubAddress = "https://registry-1.docker.io/";

    /// <summary>Addresses to try, the best first. Only a registry on this machine may have an invalid certificate or use
    /// plain HTTP, unless the user allows more.</summary>
    public static IReadOnlyList<Uri> Addresses(string domain, bool isPlainHttp)
    {
        if (!Uri.TryCreate($"http://{domain}/", UriKind.Absolute, out Uri? plain))
        {
            throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{domain}: is not HOST[:PORT]");
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

    /// <summary>The address in an answer's Location header. It must be http or https, and never leads from HTTPS to
    /// HTTP.</summary>
    /// <exception cref="MalformedDataException">The header is missing, or its address is not allowed.</exception>
    public static Uri LocationOf(RegistryRequest request, HttpResponseMessage response)
    {
        Uri address = response.RequestMessage!.RequestUri!;
        if (response.Headers.Location is not { } location || !Uri.TryCreate(address, location, out Uri? next))
        {
            throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the answer has no Location");
        }

        bool isAllowed = next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
        return isAllowed
            ? next
            : throw new MalformedDataException(
                Fault.RegistryAnswer, 0, $"{request}: the Location leads away from HTTPS, to {next.Scheme}://{next.Host}");
    }

    /// <summary>Whether both addresses are of the same server.</summary>
    public static bool IsSame(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.IdnHost.Equals(right.IdnHost, StringComparison.OrdinalIgnoreCase) && left.Port == right.Port;

    /// <summary>Whether credentials for one address may be sent to the other: the same server, or the same host after a
    /// redirect to HTTPS.</summary>
    public static bool MayShareCredentials(Uri owner, Uri other) => IsSame(owner, other)
        || (owner.Scheme == Uri.UriSchemeHttp && other.Scheme == Uri.UriSchemeHttps && owner.IsDefaultPort && other.IsDefaultPort
            && owner.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase));

    /// <summary>The address for messages: without user, password and query, which may be secret.</summary>
    public static string Show(Uri address) => address.GetComponents(
        UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
