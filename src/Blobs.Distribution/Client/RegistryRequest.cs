using System.Net;
using System.Net.Http.Headers;

namespace Blobs.Distribution.Client;

/// <summary>A request that can be sent again: with a new token, over a new connection, to another address.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Address">The address.</param>
/// <param name="Scopes">The scopes that a token must have, as the token server names them.</param>
internal sealed record RegistryRequest(HttpMethod Method, Uri Address, IReadOnlyList<string> Scopes)
{
    /// <summary>Accepted media types; any when empty.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The first byte to fetch.</summary>
    public long Offset { get; init; }

    /// <summary>The last byte to fetch; up to the end when null.</summary>
    public long? Last { get; init; }

    /// <summary>Whether a blob is transferred. It gets a connection of its own: faster than a shared one, and losing it
    /// affects nothing else.</summary>
    public bool IsBulk { get; init; }

    /// <summary>Makes a new body.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Whether the body can be made again. If not, the caller does the retries.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Whether the body holds credentials.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether it goes to another server, which must not see the registry's credentials.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether to follow a redirect with this status. 307 and 308 repeat the request with its body; for the
    /// others, clients disagree about requests that change something, so only GET and HEAD follow.</summary>
    public bool FollowsRedirect(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => IsRepeatable,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther =>
            Method == HttpMethod.Get || Method == HttpMethod.Head,
        _ => false,
    };

    public HttpRequestMessage ToMessage(Uri address, AuthenticationHeaderValue? authorization)
    {
        // Without TLS, HTTP/1.1 is used in any case.
        var message = new HttpRequestMessage(Method, address)
        {
            Content = Body?.Invoke(),
            Version = IsBulk ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Authorization = authorization;
        message.Headers.UserAgent.Add(RegistryConnection.UserAgent);

        // Digests are of the bytes without a content coding.
        message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        foreach (string type in Accept)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        if (Offset > 0 || Last is not null)
        {
            message.Headers.Range = new RangeHeaderValue(Offset, Last);
        }

        return message;
    }

    public override string ToString() => $"{Method} {RegistryAddress.Show(Address)}";
}
