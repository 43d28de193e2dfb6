using System.Buffers;
using System.IO.Pipelines;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Oci;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary><c>/v2/NAME/manifests/REFERENCE</c> (distribution-spec, manifests of "Pull", "Push" and "Content
/// Management").</summary>
internal sealed class ManifestEndpoints(RegistryStore store, RegistryOptions options, ILogger log)
{
    public async Task GetAsync(HttpContext context, RegistryRoute route)
    {
        StoredManifest? manifest;
        string digestText;
        if (Endpoint.IsDigest(route.Reference))
        {
            if (!Endpoint.TryDigest(route.Reference, out Digest digest))
            {
                await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, route.Reference).ConfigureAwait(false);
                return;
            }

            manifest = await store.FindManifestAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false);
            digestText = route.Reference;
        }
        else
        {
            // An invalid tag cannot exist.
            manifest = TagName.IsValid(route.Reference)
                ? await store.FindManifestAsync(route.Name, route.Reference, context.RequestAborted).ConfigureAwait(false)
                : null;
            digestText = manifest?.DigestText ?? "";
        }

        if (manifest is null)
        {
            await ErrorResponse.WriteAsync(context, RegistryError.ManifestUnknown, route.Reference).ConfigureAwait(false);
            return;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers[Endpoint.ContentDigest] = digestText;
        headers.ETag = $"\"{digestText}\"";
        if (Endpoint.IsKnownToClient(context.Request, digestText))
        {
            await Endpoint.Empty(context, StatusCodes.Status304NotModified).ConfigureAwait(false);
            return;
        }

        await Endpoint.WriteAsync(context, manifest.MediaType, manifest.Bytes).ConfigureAwait(false);
    }

    public async Task PutAsync(HttpContext context, RegistryRoute route)
    {
        bool isDigest = Endpoint.IsDigest(route.Reference);
        Digest digest = default;
        if (isDigest ? !Endpoint.TryDigest(route.Reference, out digest) : !TagName.IsValid(route.Reference))
        {
            RegistryError error = isDigest ? RegistryError.DigestInvalid : RegistryError.TagInvalid;
            await ErrorResponse.WriteAsync(context, error, route.Reference).ConfigureAwait(false);
            return;
        }

        byte[]? document = await ReadAsync(context, options.Store.Limits.ManifestBytes).ConfigureAwait(false);
        if (document is null)
        {
            await ErrorResponse.WriteAsync(context, RegistryError.TooLarge).ConfigureAwait(false);
            return;
        }

        StoredManifest manifest = await store.PutManifestAsync(
            route.Name,
            isDigest ? null : route.Reference,
            isDigest ? digest : null,
            document,
            Endpoint.MediaTypeOf(context.Request),
            context.RequestAborted).ConfigureAwait(false);
        Log.ManifestPushed(log, route.Name, route.Reference, manifest.Digest, manifest.MediaType);
        string text = isDigest ? route.Reference : manifest.DigestText;
        context.Response.Headers.Location = Endpoint.Location(context, $"/v2/{route.Name}/manifests/{text}");
        context.Response.Headers[Endpoint.ContentDigest] = text;
        if (manifest.Subject is { } subject)
        {
            // Tells the client that referrers are listed here, so that it needs no fallback tag.
            context.Response.Headers["OCI-Subject"] = $"{subject}";
        }

        await Endpoint.Empty(context, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    public async Task DeleteAsync(HttpContext context, RegistryRoute route)
    {
        bool isDigest = Endpoint.IsDigest(route.Reference);
        Digest digest = default;
        if (isDigest && !Endpoint.TryDigest(route.Reference, out digest))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, route.Reference).ConfigureAwait(false);
            return;
        }

        bool isDone = isDigest
            ? await store.DeleteManifestAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false)
            : TagName.IsValid(route.Reference)
                && await store.DeleteTagAsync(route.Name, route.Reference, context.RequestAborted).ConfigureAwait(false);
        if (!isDone)
        {
            await ErrorResponse.WriteAsync(context, RegistryError.ManifestUnknown, route.Reference).ConfigureAwait(false);
            return;
        }

        Log.ManifestDeleted(log, route.Name, route.Reference);
        await Endpoint.Empty(context, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    // The whole body; null when it is too long, with or without a Content-Length.
    private static async Task<byte[]?> ReadAsync(HttpContext context, int bytesMax)
    {
        if (context.Request.ContentLength > bytesMax)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        PipeReader body = context.Request.BodyReader;
        ReadResult result = await body.ReadAtLeastAsync(bytesMax + 1, context.RequestAborted).ConfigureAwait(false);
        while (result.IsCanceled)
        {
            // Kestrel cancels pending reads when the server stops, but this request may finish: only its own token cancels it.
            body.AdvanceTo(result.Buffer.Start);
            context.RequestAborted.ThrowIfCancellationRequested();
            result = await body.ReadAtLeastAsync(bytesMax + 1, context.RequestAborted).ConfigureAwait(false);
        }

        byte[]? document = result.Buffer.Length > bytesMax ? null : result.Buffer.ToArray();
        body.AdvanceTo(result.Buffer.End);
        return document;
    }
}
