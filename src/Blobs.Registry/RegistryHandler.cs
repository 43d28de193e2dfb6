using System.Diagnostics;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary>
/// Handles every request: finds the endpoint, checks access, runs it and reports errors. Endpoints parse, call the store
/// once, and answer.
/// </summary>
internal sealed class RegistryHandler(
    RegistryStore store,
    RegistryOptions options,
    AccessControl access,
    UploadSlots slots,
    StorageStartup startup,
    RegistryMetrics metrics,
    ILogger<RegistryHandler> log)
{
    private const string ApiVersion = "Docker-Distribution-Api-Version";
    private const string RetryAfterSeconds = "2";
    private const string Version = "registry/2.0";

    private readonly BlobEndpoints _blobs = new(store, options, metrics, log);
    private readonly UploadEndpoints _uploads = new(store, slots, metrics, log);
    private readonly ManifestEndpoints _manifests = new(store, options, log);
    private readonly ListEndpoints _lists = new(store, options);

    public async Task HandleAsync(HttpContext context)
    {
        long started = Stopwatch.GetTimestamp();
        RegistryRoute route = RegistryRoute.Parse(context.Request.Path.Value!);
        context.Response.Headers[ApiVersion] = Version;
        try
        {
            await AnswerAsync(context, route).ConfigureAwait(false);
        }
        catch (Exception gone) when (IsClientGone(context, gone))
        {
            // Close the connection, so that a client that still listens does not take this for success.
            Log.ClientGone(log, context.Request.Method, context.Request.Path);
            context.Abort();
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            await ExplainAsync(context, fault).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // The length was already sent: only a closed connection tells the client that the body is incomplete.
            Log.BrokenOff(log, fault, context.Request.Method, context.Request.Path);
            context.Abort();
        }
        finally
        {
            metrics.Answered(route.Kind, context.Request.Method, context.Response.StatusCode, started);
        }
    }

    private async Task AnswerAsync(HttpContext context, RegistryRoute route)
    {
        if (route.Kind == RouteKind.None)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (route.HasName && !RepositoryName.IsValid(route.Name))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.NameInvalid, route.Name).ConfigureAwait(false);
        }
        else if (route.Kind == RouteKind.Token)
        {
            await access.IssueAsync(context).ConfigureAwait(false);
        }
        else if (await access.CheckAsync(context, route).ConfigureAwait(false) is { } refused)
        {
            await ErrorResponse.WriteAsync(context, refused).ConfigureAwait(false);
        }
        else if (!startup.IsReady)
        {
            await UnavailableAsync(context).ConfigureAwait(false);
        }
        else
        {
            await EndpointOf(context, route).ConfigureAwait(false);
        }
    }

    private Task EndpointOf(HttpContext context, RegistryRoute route)
    {
        string method = context.Request.Method;
        bool isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        return route.Kind switch
        {
            RouteKind.Manifest when isRead => _manifests.GetAsync(context, route),
            RouteKind.Manifest when HttpMethods.IsPut(method) => _manifests.PutAsync(context, route),
            RouteKind.Manifest when HttpMethods.IsDelete(method) => _manifests.DeleteAsync(context, route),
            RouteKind.Blob when isRead => _blobs.GetAsync(context, route),
            RouteKind.Blob when HttpMethods.IsDelete(method) => _blobs.DeleteAsync(context, route),
            RouteKind.Uploads when HttpMethods.IsPost(method) => _uploads.BeginAsync(context, route),
            RouteKind.Upload when isRead => _uploads.StatusAsync(context, route),
            RouteKind.Upload when HttpMethods.IsPatch(method) => _uploads.AppendAsync(context, route),
            RouteKind.Upload when HttpMethods.IsPut(method) => _uploads.FinishAsync(context, route),
            RouteKind.Upload when HttpMethods.IsDelete(method) => _uploads.CancelAsync(context, route),
            RouteKind.Tags when isRead => _lists.TagsAsync(context, route),
            RouteKind.Catalog when isRead => _lists.CatalogAsync(context),
            RouteKind.Referrers when isRead => _lists.ReferrersAsync(context, route),
            RouteKind.Base when isRead => ListEndpoints.BaseAsync(context),
            _ => RefuseMethod(context, route.Kind),
        };
    }

    private static Task RefuseMethod(HttpContext context, RouteKind kind)
    {
        context.Response.Headers.Allow = kind switch
        {
            RouteKind.Manifest => "GET, HEAD, PUT, DELETE",
            RouteKind.Blob => "GET, HEAD, DELETE",
            RouteKind.Uploads => "POST",
            RouteKind.Upload => "GET, HEAD, PATCH, PUT, DELETE",
            _ => "GET, HEAD",
        };
        return ErrorResponse.WriteAsync(context, RegistryError.Unsupported);
    }

    private static Task UnavailableAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return ErrorResponse.WriteAsync(context, RegistryError.Unavailable);
    }

    private static bool IsClientGone(HttpContext context, Exception fault) =>
        context.RequestAborted.IsCancellationRequested
        || fault is OperationCanceledException or ConnectionResetException or ConnectionAbortedException;

    private async Task ExplainAsync(HttpContext context, Exception fault)
    {
        // Headers set for the content must go: nobody may cache an error for a year.
        context.Response.Clear();
        context.Response.Headers[ApiVersion] = Version;
        Task answer = fault switch
        {
            MissingReferencesException missing => ErrorResponse.WriteAsync(
                context, RegistryError.ManifestBlobUnknown, [.. missing.Missing.Select(digest => $"{digest}")]),
            DigestMismatchException => ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, fault.Message),
            MalformedDataException => ErrorResponse.WriteAsync(context, RegistryError.ManifestInvalid, fault.Message),
            LimitExceededException => ErrorResponse.WriteAsync(context, RegistryError.TooLarge, fault.Message),
            StorageUnavailableException => UnavailableAsync(context),
            BadHttpRequestException bad => ErrorResponse.WriteAsync(
                context, RegistryError.SizeInvalid with { Status = bad.StatusCode }, bad.Message),
            _ => ErrorResponse.WriteAsync(context, RegistryError.Unknown),
        };
        if (fault is StorageUnavailableException)
        {
            Log.Unavailable(log, context.Request.Method, context.Request.Path, fault.Message);
        }
        else if (context.Response.StatusCode == RegistryError.Unknown.Status)
        {
            // Details of a server fault go to the log, not to the client.
            Log.Failed(log, fault, context.Request.Method, context.Request.Path);
        }

        await answer.ConfigureAwait(false);
    }
}
