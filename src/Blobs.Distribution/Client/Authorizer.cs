using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>
/// Authorizes requests to one registry: with nothing, a password (RFC 7617), or a token that the registry's token server
/// issues for the request's scopes (Docker registry token authentication). Tokens are cached until shortly before they expire.
/// </summary>
internal sealed class Authorizer(string domain, RegistryConnection connection, RegistryClientOptions options) : IDisposable
{
    // The lifetime of a token when its server does not state one (Docker registry token authentication, "Token Response Fields").
    private const double DefaultSeconds = 60;

    // A token is not used in its last seconds: it might expire on the way.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, (AuthenticationHeaderValue Header, DateTimeOffset Expiry)> _tokens = new();
    private readonly ICredentialSource _source = options.Credentials ?? new StoredLogins();
    private AuthChallenge? _challenge;
    private (bool IsKnown, RegistryCredentials? Value) _credentials;
    private string? _fault;

    /// <summary>Explains a refusal when there are no credentials; otherwise null.</summary>
    public string? Hint => _credentials is { IsKnown: true, Value: null } ? _fault ?? $"no credentials for {domain} are known" : null;

    /// <summary>Sets the challenge that the registry sent first.</summary>
    public void SetChallenge(AuthChallenge challenge) => _challenge = challenge;

    /// <summary>The Authorization header for a request; null when none is needed.</summary>
    public async ValueTask<AuthenticationHeaderValue?> HeaderAsync(
        IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        if (_challenge is not { } challenge)
        {
            return null;
        }

        if (TryGetToken(scopes) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Another request may have fetched the token while this one waited.
            return TryGetToken(scopes) ?? await AuthorizeAsync(challenge, scopes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Handles a 401. False when another try would send the same again.</summary>
    public async Task<bool> RenewAsync(
        HttpResponseMessage response, AuthenticationHeaderValue? refused, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        if (AuthChallenge.Of(response) is not { } challenge)
        {
            return false;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _challenge = challenge;
            if (_tokens.TryGetValue(KeyOf(scopes), out var token) && token.Header == refused)
            {
                // Remove only the token that was refused: another request may already have a new one.
                _tokens.TryRemove(KeyOf(scopes), out _);
            }

            if (!challenge.Is(AuthChallenge.Bearer))
            {
                // The same password would be refused again.
                return refused is null && await FindCredentialsAsync(cancellationToken).ConfigureAwait(false) is not null;
            }

            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The credentials for the registry, looked up once; null when there are none. A failed look-up counts as
    /// none: public content can still be fetched, and a refusal mentions the failure.</summary>
    public async Task<RegistryCredentials?> FindCredentialsAsync(CancellationToken cancellationToken)
    {
        if (!_credentials.IsKnown)
        {
            try
            {
                _credentials = (true, await _source.FindAsync(domain, cancellationToken).ConfigureAwait(false));
            }
            catch (BlobsException fault)
            {
                _fault = fault.Message;
                _credentials = (true, null);
                ClientLog.NoCredentials(options.Logger, domain, fault.Message);
                options.Warn?.Invoke($"continuing without credentials for {domain}: {fault.Message}");
            }
        }

        return _credentials.Value;
    }

    public void Dispose() => _gate.Dispose();

    private static string KeyOf(IReadOnlyList<string> scopes) => string.Join(' ', scopes);

    private AuthenticationHeaderValue? TryGetToken(IReadOnlyList<string> scopes) =>
        _tokens.TryGetValue(KeyOf(scopes), out var token) && token.Expiry > options.Time.GetUtcNow() ? token.Header : null;

    private async Task<AuthenticationHeaderValue?> AuthorizeAsync(
        AuthChallenge challenge, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        RegistryCredentials? credentials = await FindCredentialsAsync(cancellationToken).ConfigureAwait(false);
        if (challenge.Is(AuthChallenge.Basic))
        {
            return credentials?.Username is null ? null : BasicHeader(credentials);
        }

        if (credentials?.RegistryToken is { } ready)
        {
            return IsHeaderText(ready)
                ? new AuthenticationHeaderValue(AuthChallenge.Bearer, ready)
                : throw new MalformedDataException(Fault.CredentialSyntax, 0, $"the token for {domain} cannot be sent in a header");
        }

        TokenJson token = await FetchAsync(challenge, scopes, credentials, cancellationToken).ConfigureAwait(false);
        var header = new AuthenticationHeaderValue(AuthChallenge.Bearer, token.Value);
        double seconds = Math.Clamp(token.ExpiresInSeconds ?? DefaultSeconds, DefaultSeconds, TimeSpan.FromDays(1).TotalSeconds);
        _tokens[KeyOf(scopes)] = (header, options.Time.GetUtcNow() + TimeSpan.FromSeconds(seconds) - Margin);
        return header;
    }

    private async Task<TokenJson> FetchAsync(
        AuthChallenge challenge, IReadOnlyList<string> scopes, RegistryCredentials? credentials, CancellationToken cancellationToken)
    {
        Uri realm = RealmOf(challenge);
        string[] wanted = challenge.Scope is { Length: > 0 } asked && !scopes.Contains(asked) ? [.. scopes, asked] : [.. scopes];
        (RegistryRequest request, AuthenticationHeaderValue? login) = credentials?.IdentityToken is { } refresh
            ? (Refresh(realm, challenge, wanted, refresh), null)
            : (Ask(realm, challenge, wanted, credentials), credentials?.Username is null ? null : BasicHeader(credentials));
        using HttpResponseMessage response =
            await connection.SendToTokenServerAsync(request, login, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await RegistryAnswer.RefusalAsync(request, response, Hint, connection, cancellationToken).ConfigureAwait(false);
        }

        byte[] body = await BoundedBody.ReadAsync(
            request, response, nameof(Limits.RegistryAnswerBytes), options.Limits.RegistryAnswerBytes, options.IdleTimeout,
            cancellationToken).ConfigureAwait(false);
        TokenJson token = ClientJson.Read(body, TokenJson.Read, $"{request}", Fault.RegistryAnswer);

        return token.Value is { Length: > 0 } value && IsHeaderText(value)
            ? token
            : throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the answer has no token");
    }

    // The token becomes a header of the next request: it must not break out of its line.
    private static bool IsHeaderText(string token) => !token.AsSpan().ContainsAnyExceptInRange('!', '~');

    // The registry names its token server. Only a registry that is itself reached over plain HTTP may send us, and our
    // password, to one over plain HTTP.
    private Uri RealmOf(AuthChallenge challenge)
    {
        bool isAddress = Uri.TryCreate(challenge.Realm, UriKind.Absolute, out Uri? realm);
        bool isAllowed = isAddress && (realm!.Scheme == Uri.UriSchemeHttps
            || (realm.Scheme == Uri.UriSchemeHttp && connection.Address.Scheme == Uri.UriSchemeHttp));
        return isAllowed
            ? realm!
            : throw new MalformedDataException(
                Fault.RegistryAnswer, 0, $"{RegistryAddress.Show(connection.Address)}: its token server is not an https address");
    }

    private static RegistryRequest Ask(Uri realm, AuthChallenge challenge, string[] scopes, RegistryCredentials? credentials)
    {
        var query = new StringBuilder(realm.Query);
        void Add(string name, string value) =>
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));

        if (credentials?.Username is { } account)
        {
            Add("account", account);
        }

        foreach (string scope in scopes)
        {
            Add("scope", scope);
        }

        if (challenge.Service is { } service)
        {
            Add("service", service);
        }

        return new RegistryRequest(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri, []);
    }

    // RFC 6749, 6: a refresh token, which a login stored instead of a password, is exchanged for an access token.
    private static RegistryRequest Refresh(Uri realm, AuthChallenge challenge, string[] scopes, string refreshToken)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = "blobs",
            ["service"] = challenge.Service ?? "",
            ["scope"] = string.Join(' ', scopes),
            ["refresh_token"] = refreshToken,
        };
        return new RegistryRequest(HttpMethod.Post, realm, []) { Body = () => new FormUrlEncodedContent(form), IsSecret = true };
    }

    private static AuthenticationHeaderValue BasicHeader(RegistryCredentials credentials) =>
        new(AuthChallenge.Basic, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}")));
}
