using System.Net;
using System.Net.Http.Headers;

namespace Blobs.Client;

/// <summary>One request to a registry, as it can be made again: with a new token, over a new connection, at another address.</summary>
/// <param name="Method">What to do.</param>
/// <param name="Address">With what.</param>
/// <param name="Scopes">What a token must allow, in the words of the token server.</param>
internal sealed record RegistryRequest(HttpMethod Method, Uri Address, IReadOnlyList<string> Scopes)
{
    /// <summary>Types of answers that are understood; any when empty.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>First byte that is wanted.</summary>
    public long Offset { get; init; }

    /// <summary>Last byte that is wanted; all that follow when null.</summary>
    public long? Last { get; init; }

    /// <summary>Whether much is moved: that gets a connection of its own, which is faster than a share of one, and whose loss cuts
    /// nothing else.</summary>
    public bool IsBulk { get; init; }

    /// <summary>Makes the body.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Whether the body can be made a second time. If not, whoever made it tries again himself.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Whether the body holds what lets somebody in.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether it goes to somebody else's server, which learns nothing of what lets us into the registry.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether an answer that names another address is looked for there. 307 and 308 mean the same request, body and all; what
    /// the others mean for a request that changes something is not agreed upon.</summary>
    public bool FollowsRedirect(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => IsRepeatable,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther =>
            Method == HttpMethod.Get || Method == HttpMethod.Head,
        _ => false,
    };

    public HttpRequestMessage ToMessage(Uri address, AuthenticationHeaderValue? authorization)
    {
        // Without TLS it is HTTP/1.1 in any case.
        var message = new HttpRequestMessage(Method, address)
        {
            Content = Body?.Invoke(),
            Version = IsBulk ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Authorization = authorization;
        message.Headers.UserAgent.Add(RegistryConnection.UserAgent);

        // Digests are of the bytes as they are.
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

    public override string ToString() => $"{Method} {RegistryHost.Show(Address)}";
}
