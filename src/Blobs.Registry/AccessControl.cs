using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Blobs.Registry;

/// <summary>
/// Decides whether a request is allowed. When every request needs a login, clients send a password each time (Basic).
/// When anonymous pulls are allowed, clients fetch a token first (Bearer): with Basic, dockerd 20.10 fails unless it has
/// a password.
/// </summary>
internal sealed class AccessControl : IDisposable
{
    private const string BasicPrefix = "Basic ";
    private const string BearerPrefix = "Bearer ";
    private const string Realm = "registry";

    private readonly RegistryOptions _options;
    private readonly AccessTokens _tokens;
    private readonly TimeProvider _clock;
    private readonly HtpasswdFile? _users;

    public AccessControl(RegistryOptions options, AccessTokens tokens, TimeProvider clock)
    {
        _options = options;
        _tokens = tokens;
        _clock = clock;
        _users = options.Htpasswd is { } path ? new HtpasswdFile(path) : null;
    }

    private enum Caller
    {
        /// <summary>Sent no credentials.</summary>
        Unknown = 0,

        /// <summary>Logged in.</summary>
        User,

        /// <summary>Has a token that was issued without a login.</summary>
        Anonymous,

        /// <summary>Sent wrong credentials, or a token that is invalid or expired.</summary>
        Rejected,
    }

    /// <summary>The error to answer with; null when the request is allowed.</summary>
    public async ValueTask<RegistryError?> CheckAsync(HttpContext context, RegistryRoute route)
    {
        string method = context.Request.Method;
        bool isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        if (_options.ReadOnly && !isRead)
        {
            return RegistryError.Unsupported;
        }

        if (_users is null)
        {
            return null;
        }

        Caller caller = await IdentifyAsync(context, _users).ConfigureAwait(false);
        bool mayPull = isRead && _options.AnonymousPull;
        switch (caller)
        {
            case Caller.User:
            case Caller.Anonymous when mayPull:

            // The base must challenge: clients that want to push later learn there how to log in.
            case Caller.Unknown when mayPull && route.Kind != RouteKind.Base:
                return null;
            case Caller.Anonymous:
                // It already has a token; another one would not allow more.
                return RegistryError.Denied;
            default:
                context.Response.Headers.WWWAuthenticate =
                    _options.AnonymousPull ? BearerChallenge(context.Request, route, isRead) : BasicChallenge;
                return RegistryError.Unauthorized;
        }
    }

    /// <summary>Answers <c>GET /v2/_token</c>: issues a token for the user of the password, or an anonymous one when
    /// none is sent.</summary>
    public async Task IssueAsync(HttpContext context)
    {
        if (_users is null || !_options.AnonymousPull)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method))
        {
            // Some clients try OAuth 2 with a POST first, and fall back to GET.
            context.Response.Headers.Allow = "GET";
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        (string User, string Password)? credentials = BasicCredentials(context.Request);
        if (credentials is { } given
            && !await _users.CheckAsync(given.User, given.Password, context.RequestAborted).ConfigureAwait(false))
        {
            context.Response.Headers.WWWAuthenticate = BasicChallenge;
            await ErrorResponse.WriteAsync(context, RegistryError.Unauthorized).ConfigureAwait(false);
            return;
        }

        string token = _tokens.Issue(credentials?.User ?? "");
        string issued = _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string lifetime = ((long)_options.TokenLifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        string answer = $"{{\"token\":\"{token}\",\"access_token\":\"{token}\",\"expires_in\":{lifetime},\"issued_at\":\"{issued}\"}}\n";
        await Endpoint.WriteAsync(context, "application/json", answer).ConfigureAwait(false);
    }

    public void Dispose() => _users?.Dispose();

    private static string BasicChallenge => $"Basic realm=\"{Realm}\"";

    private static string BearerChallenge(HttpRequest request, RegistryRoute route, bool isRead)
    {
        string challenge = $"Bearer realm=\"{request.Scheme}://{request.Host}{request.PathBase}/v2/_token\",service=\"{request.Host}\"";
        return route.Name.Length == 0
            ? challenge
            : $"{challenge},scope=\"repository:{route.Name}:{(isRead ? "pull" : "pull,push")}\"";
    }

    private async ValueTask<Caller> IdentifyAsync(HttpContext context, HtpasswdFile users)
    {
        string? header = context.Request.Headers.Authorization;
        if (string.IsNullOrEmpty(header))
        {
            return Caller.Unknown;
        }

        if (header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return _tokens.UserOf(header[BearerPrefix.Length..].Trim()) switch
            {
                null => Caller.Rejected,
                "" => Caller.Anonymous,
                _ => Caller.User,
            };
        }

        return BasicCredentials(context.Request) is { } given
            && await users.CheckAsync(given.User, given.Password, context.RequestAborted).ConfigureAwait(false)
                ? Caller.User
                : Caller.Rejected;
    }

    // RFC 7617.
    private static (string User, string Password)? BasicCredentials(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        if (header is null || !header.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<byte> decoded = stackalloc byte[1024];
        if (!Convert.TryFromBase64String(header[BasicPrefix.Length..].Trim(), decoded, out int length))
        {
            return ("", "");
        }

        string text = Encoding.UTF8.GetString(decoded[..length]);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? ("", "") : (text[..colon], text[(colon + 1)..]);
    }
}
