using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Blobs.Testing;

/// <summary>
/// A load balancer on loopback that sends each request to the next of its hosts, so that the requests of one upload
/// alternate between them. A host that refuses the connection is skipped.
/// </summary>
internal sealed class RoundRobin : IAsyncDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = 256,
    });

    private readonly IReadOnlyList<Uri> _hosts;
    private readonly Func<HttpRequest, NetworkFault?>? _fault;
    private readonly WebApplication _app;
    private int _next = -1;

    /// <param name="hosts">The hosts. The caller may replace one that is gone.</param>
    /// <param name="fault">What goes wrong with a request; null when nothing does.</param>
    public RoundRobin(IReadOnlyList<Uri> hosts, Func<HttpRequest, NetworkFault?>? fault = null)
    {
        _hosts = hosts;
        _fault = fault;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Host and port, as they stand in image names.</summary>
    public string Name => Address.Authority;

    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            NetworkFault fault = _fault?.Invoke(context.Request) ?? default;
            await Task.Delay(fault.Delay, context.RequestAborted);
            if (fault.Status is { } status)
            {
                context.Response.StatusCode = status;
                return;
            }

            using HttpResponseMessage response = await AskAsync(context);
            await AnswerAsync(context, response, fault.CutAt);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }

    // Sends the request to the next host that takes the connection.
    private async Task<HttpResponseMessage> AskAsync(HttpContext context)
    {
        for (int attempt = 1; ; attempt++)
        {
            Uri host = _hosts[(int)((uint)Interlocked.Increment(ref _next) % (uint)_hosts.Count)];
            try
            {
                using HttpRequestMessage request = Copy(context, host);
                return await _client.SendAsync(request, context.RequestAborted);
            }
            catch (HttpRequestException refused) when (
                refused.HttpRequestError == HttpRequestError.ConnectionError && attempt < _hosts.Count)
            {
                // Nothing of the request has been sent.
            }
        }
    }

    // Sends the answer back; of its body only so many bytes when a number is given, and nothing at all when it is negative.
    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage response, int? cutAt)
    {
        if (cutAt < 0)
        {
            context.Abort();
            return;
        }

        HttpResponse answer = context.Response;
        answer.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                answer.Headers.Append(name, values.ToArray());
            }
        }

        await using Stream body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        if (cutAt is { } bytes)
        {
            var part = new byte[bytes];
            int read = await body.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, context.RequestAborted);
            await answer.Body.WriteAsync(part.AsMemory(0, read), context.RequestAborted);
            await answer.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return;
        }

        await body.CopyToAsync(answer.Body, context.RequestAborted);
    }

    private static HttpRequestMessage Copy(HttpContext context, Uri host)
    {
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var address = new Uri($"{host.Scheme}://{host.Authority}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), address) { Version = HttpVersion.Version11 };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            request.Content = new StreamContent(context.Request.Body, 128 << 10);
        }

        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                // A signature may cover the headers of an empty body.
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        return request;
    }
}
