using Amazon.Runtime;

namespace Blobs.Storage.S3;

/// <summary>
/// Makes the connections of the SDK: without <c>Expect: 100-continue</c>, which costs a small object half a millisecond,
/// and with a limit on how long a server that is away may keep a request waiting. It also learns the server's time, which
/// every answer states.
/// </summary>
internal sealed class S3Connection : HttpClientFactory, IDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FreshTime = TimeSpan.FromSeconds(5);

    private readonly Handler _handler;

    public S3Connection(TimeProvider clock)
    {
        _handler = new Handler(clock);
        Http = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>A client of the same connections, for requests that we sign ourselves.</summary>
    public HttpClient Http { get; }

    /// <summary>The server's time, at most a second and the way of an answer behind; ours before the first answer.</summary>
    public DateTimeOffset ServerTime => _handler.ServerTime;

    /// <summary>Whether the server has stated its time within the last seconds. A host that slept meanwhile counts the time
    /// that its own clock has gone on.</summary>
    public bool HasFreshTime => _handler.HasFreshTime;

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        new(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    private sealed class Handler(TimeProvider clock) : DelegatingHandler(new SocketsHttpHandler
    {
        ConnectTimeout = ConnectTime,
        PooledConnectionLifetime = ConnectionLife,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
    })
    {
        // The last Date of the server, and our own count of time when it came.
        private Seen? _seen;

        public DateTimeOffset ServerTime => _seen is { } seen ? seen.Date + clock.GetElapsedTime(seen.At) : clock.GetUtcNow();

        public bool HasFreshTime => _seen is { } seen
            && clock.GetElapsedTime(seen.At) < FreshTime && (clock.GetUtcNow() - seen.OurTime).Duration() < FreshTime;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = false;
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.Headers.Date is { } date)
            {
                _seen = new Seen(date, clock.GetTimestamp(), clock.GetUtcNow());
            }

            return response;
        }

        private sealed record Seen(DateTimeOffset Date, long At, DateTimeOffset OurTime);
    }
}
