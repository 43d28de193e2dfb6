using System.Diagnostics;

namespace Blobs.Distribution.Client;

/// <summary>A span for every request to a registry, with its retries, redirects and logins; the tags are OpenTelemetry's for
/// HTTP.</summary>
internal static class ClientTrace
{
    private static readonly ActivitySource Source = new(RegistryClient.TraceName);

    public static Activity? Begin(RegistryRequest request)
    {
        Activity? span = Source.StartActivity($"registry {request.Method}");
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.request.method", request.Method.Method);
            span.SetTag("server.address", request.Address.IdnHost);
            span.SetTag("server.port", request.Address.Port);
            span.SetTag("url.full", RegistryAddress.Show(request.Address));
        }

        return span;
    }

    public static void End(Activity? span, HttpResponseMessage response, bool isExpected)
    {
        span?.SetTag("http.response.status_code", (int)response.StatusCode);
        if (!isExpected)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }

    public static void Fail(Activity? span, Exception fault)
    {
        span?.SetTag("error.type", fault.GetType().FullName);
        span?.SetStatus(ActivityStatusCode.Error);
    }
}
