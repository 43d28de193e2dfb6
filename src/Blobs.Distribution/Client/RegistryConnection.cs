using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;

namespace Blobs.Distribution.Client;

/// <summary>
/// Requests to one registry. Each takes the same path: authorize, send, follow redirects, renew a refused token once,
/// retry what may succeed later, and turn failures into one exception.
/// </summary>
internal sealed class RegistryConnection : IDisposable
{
    /// <summary>The most redirects of one request.</summary>
    public const int RedirectsMax = 5;

    // A registry may need a while for a large blob before it answers, but not forever.
    private const int IdleFactorForBodies = 15;

    // How long a mirror is not asked again that could not be reached.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private readonly RegistryHttp _http;
    private readonly RetryPolicy _retry;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lazy<IReadOnlyList<Uri>> _addresses;
    private Uri? _address;
    private long _restsUntilTicks;

    /// <param name="domain">The registry, as its credentials are named.</param>
    /// <param name="addresses">Its addresses, to be tried in turn.</param>
    /// <param name="http">The HTTP clients.</param>
    /// <param name="retry">What to retry.</param>
    /// <param name="options">The options of the client.</param>
    public RegistryConnection(
        string domain, Func<IReadOnlyList<Uri>> addresses, RegistryHttp http, RetryPolicy retry, RegistryClientOptions options)
    {
        _addresses = new Lazy<IReadOnlyList<Uri>>(addresses);
        _http = http;
        _retry = retry;
        Options = options;
        Authorizer = new Authorizer(domain, this, options);
    }

    public static ProductInfoHeaderValue UserAgent { get; } = new(
        "blobs", typeof(RegistryConnection).Assembly.GetName().Version?.ToString(3) ?? "0");

    public RegistryClientOptions Options { get; }

    public RetryPolicy Retry => _retry;

    public Authorizer Authorizer { get; }

    /// <summary>Held while the index under a fallback tag is changed.</summary>
    public SemaphoreSlim FallbackTurn { get; } = new(1);

    /// <summary>Whether to ask this mirror: not soon after it could not be reached.</summary>
    public bool IsUsable => Options.Time.GetUtcNow().UtcTicks >= Interlocked.Read(ref _restsUntilTicks);

    /// <summary>The registry's address; known after the first request.</summary>
    public Uri Address => _address ?? throw new InvalidOperationException("no request was sent to the registry yet");

    /// <summary>The address of a path below <c>/v2/</c>.</summary>
    public async ValueTask<Uri> ResolveAsync(string path, CancellationToken cancellationToken)
    {
        if (_address is null)
        {
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                _address ??= await FindAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _gate.Release();
            }
        }

        return new Uri(_address, $"v2/{path}");
    }

    /// <summary>Notes that this mirror failed, and the registry is asked instead.</summary>
    public void LeaveMirror(BlobsException fault)
    {
        ClientLog.MirrorLeft(Options.Logger, RegistryAddress.Show(_addresses.Value[0]), fault.Message);
        if (fault is RegistryException { Status: null })
        {
            Interlocked.Exchange(ref _restsUntilTicks, (Options.Time.GetUtcNow() + Rest).UtcTicks);
        }
    }

    /// <summary>Sends a request and returns an answer with an expected status; the caller disposes it.</summary>
    /// <exception cref="RegistryException">The status is another one, or there is no answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        RegistryRequest request, CancellationToken cancellationToken, params IReadOnlyList<HttpStatusCode> expected)
    {
        using Activity? span = ClientTrace.Begin(request);
        HttpResponseMessage response;
        try
        {
            response = request.IsRepeatable
                ? await _retry.Requests.ExecuteAsync(
                    async token => await AuthorizeAndSendAsync(request, token).ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false)
                : await AuthorizeAndSendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
        {
            ClientTrace.Fail(span, fault);
            throw RegistryAnswer.Unreachable(request, fault);
        }

        bool isExpected = expected.Contains(response.StatusCode);
        ClientTrace.End(span, response, isExpected);
        if (isExpected)
        {
            return response;
        }

        using (response)
        {
            string? hint = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? Authorizer.Hint : null;
            throw await RegistryAnswer.RefusalAsync(request, response, hint, this, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request to the token server, with retries but without the registry's authorization.</summary>
    public async Task<HttpResponseMessage> SendToTokenServerAsync(
        RegistryRequest request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        try
        {
            return await _retry.Requests.ExecuteAsync(
                async token => await FollowAsync(request, authorization, request.Address, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryAnswer.Unreachable(request, fault);
        }
    }

    public void Dispose()
    {
        Authorizer.Dispose();
        FallbackTurn.Dispose();
        _gate.Dispose();
    }

    private async Task<HttpResponseMessage> AuthorizeAndSendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        if (request.IsAnonymous)
        {
            return await FollowAsync(request, null, request.Address, cancellationToken).ConfigureAwait(false);
        }

        AuthenticationHeaderValue? header =
            await Authorizer.HeaderAsync(request.Scopes, cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = await FollowAsync(request, header, Address, cancellationToken).ConfigureAwait(false);

        // A 401 of a storage server behind a redirect does not concern the registry's login.
        bool isRefused = response.StatusCode == HttpStatusCode.Unauthorized
            && RegistryAddress.MayShareCredentials(Address, response.RequestMessage!.RequestUri!) && request.IsRepeatable;
        if (!isRefused || !await Authorizer.RenewAsync(response, header, request.Scopes, cancellationToken).ConfigureAwait(false))
        {
            return response;
        }

        response.Dispose();
        header = await Authorizer.HeaderAsync(request.Scopes, cancellationToken).ConfigureAwait(false);
        return await FollowAsync(request, header, Address, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request and follows redirects.</summary>
    /// <param name="request">The request.</param>
    /// <param name="authorization">The credentials; sent to no server but <paramref name="owner"/>.</param>
    /// <param name="owner">The server that the credentials are for.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    private async Task<HttpResponseMessage> FollowAsync(
        RegistryRequest request, AuthenticationHeaderValue? authorization, Uri owner, CancellationToken cancellationToken)
    {
        Uri address = request.Address;
        for (int redirects = 0; ; redirects++)
        {
            AuthenticationHeaderValue? own = RegistryAddress.MayShareCredentials(owner, address) ? authorization : null;
            HttpResponseMessage response = await SendOnceAsync(request, address, own, cancellationToken).ConfigureAwait(false);
            if (!request.FollowsRedirect(response.StatusCode))
            {
                return response;
            }

            using (response)
            {
                address = redirects < RedirectsMax
                    ? RegistryAddress.LocationOf(request, response)
                    : throw new MalformedDataException(
                        Fault.RegistryAnswer, 0, $"{request}: redirects more than {RedirectsMax} times");
            }

            if (request.IsSecret && !RegistryAddress.MayShareCredentials(owner, address))
            {
                throw new MalformedDataException(
                    Fault.RegistryAnswer, 0, $"{request}: redirects a request with credentials to {RegistryAddress.Show(address)}");
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        RegistryRequest request, Uri address, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        using var timeout = new IdleTimeout(
            request.Body is null ? Options.IdleTimeout : Options.IdleTimeout * IdleFactorForBodies, cancellationToken);
        using HttpRequestMessage message = request.ToMessage(address, authorization);
        if (message.Content is ProducedContent body)
        {
            body.Moved = timeout.Renew;
        }

        bool isGuarded = IsGuarded(address);
        long started = Stopwatch.GetTimestamp();
        try
        {
            if (isGuarded)
            {
                await _http.Guard.CheckAsync(address, cancellationToken).ConfigureAwait(false);
            }

            HttpClient client = isGuarded ? _http.Guarded : _http.Direct;
            HttpResponseMessage response = await timeout.WaitAsync(async token => await client
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false)).ConfigureAwait(false);
            Log(message, address, started, response);

            // A caller's handler may leave this unset.
            response.RequestMessage ??= message;
            return response;
        }
        catch (PrivateAddressException refused)
        {
            throw Refused(request, address, refused);
        }
        catch (HttpRequestException fault) when (fault.InnerException is PrivateAddressException refused)
        {
            throw Refused(request, address, refused);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
        {
            ClientLog.Unanswered(Options.Logger, $"{message.Method}", RegistryAddress.Show(address), Since(started), fault.Message);
            throw;
        }
    }

    private void Log(HttpRequestMessage message, Uri address, long started, HttpResponseMessage response) => ClientLog.Answered(
        Options.Logger, $"{message.Method}", RegistryAddress.Show(address), (int)response.StatusCode, Since(started));

    private static long Since(long started) => (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;

    // The servers that the user named may be anywhere, and so may those that a private registry sends us to.
    private bool IsGuarded(Uri address) =>
        !Options.AllowPrivate
        && !_addresses.Value.Any(own => RegistryAddress.IsSame(own, address))
        && _addresses.Value.Any(_http.Guard.IsPublic);

    private static MalformedDataException Refused(RegistryRequest request, Uri address, PrivateAddressException refused) => new(
        Fault.RegistryAnswer,
        0,
        $"{request}: leads to {RegistryAddress.Show(address)} ({refused.Address}), an address that is not public, " +
        "which is refused unless private addresses are allowed");

    // Requests the base of the API at each address: it answers 200, or 401 with a challenge.
    private async Task<Uri> FindAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> addresses = _addresses.Value;
        for (int index = 0; ; index++)
        {
            var request = new RegistryRequest(HttpMethod.Get, new Uri(addresses[index], "v2/"), []);
            try
            {
                using HttpResponseMessage response = await _retry.FirstRequests.ExecuteAsync(
                    async token => await FollowAsync(request, null, request.Address, token).ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false);
                Uri answering = response.RequestMessage!.RequestUri!;
                if (response.StatusCode == HttpStatusCode.Unauthorized)
                {
                    // Without a challenge there is no way to log in; each request will show whether a login is needed. A
                    // challenge from another server is not this registry's.
                    if (AuthChallenge.Of(response) is { } challenge && RegistryAddress.MayShareCredentials(addresses[index], answering))
                    {
                        Authorizer.SetChallenge(challenge);
                    }
                }
                else if (!response.IsSuccessStatusCode)
                {
                    throw await RegistryAnswer.RefusalAsync(request, response, null, this, cancellationToken).ConfigureAwait(false);
                }

                return HasMoved(addresses[index], answering) ? new Uri(answering, "/") : addresses[index];
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
            {
                if (index == addresses.Count - 1)
                {
                    throw RegistryAnswer.Unreachable(request, fault);
                }
            }
        }
    }

    // A redirect to HTTPS applies to all requests, so that nothing secret is sent in the clear.
    private static bool HasMoved(Uri address, Uri answering) =>
        !RegistryAddress.IsSame(address, answering) && RegistryAddress.MayShareCredentials(address, answering)
        && (answering.AbsolutePath is "/v2/" or "/v2");
}
