using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary><c>/v2/NAME/blobs/DIGEST</c> (distribution-spec, "Pulling blobs", "Deleting Blobs").</summary>
internal sealed class BlobEndpoints(RegistryStore store, RegistryOptions options, RegistryMetrics metrics, ILogger log)
{
    // One year: the content of a digest never changes.
    private const string Forever = "max-age=31536000";

    public async Task GetAsync(HttpContext context, RegistryRoute route)
    {
        if (!Endpoint.TryDigest(route.Reference, out Digest digest))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, route.Reference).ConfigureAwait(false);
            return;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            long? length = await store.FindBlobAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false);
            Task answer = length is { } found ? DescribeAsync(context, route.Reference, found) : NotFoundAsync(context, route);
            await answer.ConfigureAwait(false);
            return;
        }

        if (options.Redirect
            && await store.AddressOfBlobAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false) is { } address)
        {
            await RedirectAsync(context, address).ConfigureAwait(false);
            return;
        }

        IStoredContent? content = await store.OpenBlobAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false);
        if (content is null)
        {
            await NotFoundAsync(context, route).ConfigureAwait(false);
            return;
        }

        await using (content.ConfigureAwait(false))
        {
            await SendAsync(context, route.Reference, content).ConfigureAwait(false);
        }
    }

    public async Task DeleteAsync(HttpContext context, RegistryRoute route)
    {
        if (!Endpoint.TryDigest(route.Reference, out Digest digest))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, route.Reference).ConfigureAwait(false);
            return;
        }

        if (!await store.DeleteBlobAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false))
        {
            await NotFoundAsync(context, route).ConfigureAwait(false);
            return;
        }

        Log.BlobDeleted(log, route.Name, digest);
        await Endpoint.Empty(context, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    private static Task NotFoundAsync(HttpContext context, RegistryRoute route) =>
        ErrorResponse.WriteAsync(context, RegistryError.BlobUnknown, route.Reference);

    // Only for GET: a signed address is good for one method.
    private static Task RedirectAsync(HttpContext context, Uri address)
    {
        context.Response.Headers.Location = address.AbsoluteUri;
        return Endpoint.Empty(context, StatusCodes.Status307TemporaryRedirect);
    }

    private static Task DescribeAsync(HttpContext context, string digest, long length)
    {
        SetHeaders(context.Response, digest);
        if (Endpoint.IsKnownToClient(context.Request, digest))
        {
            return Endpoint.Empty(context, StatusCodes.Status304NotModified);
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = length;
        return Task.CompletedTask;
    }

    private async Task SendAsync(HttpContext context, string digest, IStoredContent content)
    {
        HttpResponse response = context.Response;
        ByteRange range = ByteRange.Of(context.Request, $"\"{digest}\"", content.Length);
        if (range.IsUnsatisfiable)
        {
            response.Headers.ContentRange = $"bytes */{content.Length}";
            await ErrorResponse.WriteAsync(context, RegistryError.RangeInvalid).ConfigureAwait(false);
            return;
        }

        await DescribeAsync(context, digest, range.Length).ConfigureAwait(false);
        if (response.StatusCode == StatusCodes.Status304NotModified)
        {
            return;
        }

        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.First}-{range.First + range.Length - 1}/{content.Length}";
        }

        await BlobBody.SendAsync(response.BodyWriter, content, range.First, range.Length, context.RequestAborted).ConfigureAwait(false);
        metrics.Sent(range.Length);
    }

    private static void SetHeaders(HttpResponse response, string digest)
    {
        response.Headers[Endpoint.ContentDigest] = digest;
        response.Headers.ETag = $"\"{digest}\"";
        response.Headers.CacheControl = Forever;
        response.Headers.AcceptRanges = "bytes";
    }
}
