using Blobs.Distribution.Storage;
using Blobs.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Blobs.Registry;

/// <summary>Liveness and readiness, for supervisors and load balancers.</summary>
internal static class HealthEndpoints
{
    private const string StorageIsAway = "the storage does not answer";

    public static Task LiveAsync(HttpContext context) => SayAsync(context, StatusCodes.Status200OK, "ok");

    public static async Task ReadyAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<IHostApplicationLifetime>() is { ApplicationStopping.IsCancellationRequested: true })
        {
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping").ConfigureAwait(false);
            return;
        }

        if (!context.RequestServices.GetRequiredService<StorageStartup>().IsReady)
        {
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, StorageIsAway).ConfigureAwait(false);
            return;
        }

        try
        {
            await context.RequestServices.GetRequiredService<RegistryStore>().ProbeAsync(context.RequestAborted).ConfigureAwait(false);
            await SayAsync(context, StatusCodes.Status200OK, "ok").ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is BlobsException or IOException or UnauthorizedAccessException)
        {
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, StorageIsAway).ConfigureAwait(false);
        }
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
