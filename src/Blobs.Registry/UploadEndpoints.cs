using System.Globalization;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Oci;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary><c>/v2/NAME/blobs/uploads/</c> and the paths below it (distribution-spec, "Pushing blobs", "Mounting a
/// blob").</summary>
internal sealed class UploadEndpoints(RegistryStore store, UploadSlots slots, RegistryMetrics metrics, ILogger log)
{
    // The empty blob: the only one that a POST without a body can hold.
    private static readonly Digest EmptyBlob = Digest.OfSha256([]);

    /// <summary>POST: a mount, a blob in one request, or the beginning of an upload.</summary>
    public async Task BeginAsync(HttpContext context, RegistryRoute route)
    {
        IQueryCollection query = context.Request.Query;
        if (query["mount"] is [{ Length: > 0 } mount] && await TryMountAsync(context, route, mount, query["from"]).ConfigureAwait(false))
        {
            return;
        }

        if (query["digest"] is [{ Length: > 0 } text])
        {
            if (!Endpoint.TryDigest(text, out Digest digest))
            {
                await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, text).ConfigureAwait(false);
                return;
            }

            // Some clients state the digest here and send the blob later.
            if (context.Request.ContentLength != 0 || digest == EmptyBlob)
            {
                await WithSlotAsync(context, () => TakeWholeAsync(context, route, digest)).ConfigureAwait(false);
                return;
            }
        }

        RegistryUpload upload = await store.BeginUploadAsync(route.Name, cancellationToken: context.RequestAborted).ConfigureAwait(false);
        await using (upload.ConfigureAwait(false))
        {
            await DescribeAsync(context, route.Name, upload.Id, 0, StatusCodes.Status202Accepted).ConfigureAwait(false);
        }
    }

    /// <summary>GET: the upload's progress.</summary>
    public async Task StatusAsync(HttpContext context, RegistryRoute route)
    {
        long? length = await store.FindUploadAsync(route.Name, route.Reference, context.RequestAborted).ConfigureAwait(false);
        await (length is { } found
            ? DescribeAsync(context, route.Name, route.Reference, found, StatusCodes.Status204NoContent)
            : ErrorResponse.WriteAsync(context, RegistryError.BlobUploadUnknown)).ConfigureAwait(false);
    }

    /// <summary>PATCH: a chunk, or the whole blob as a stream.</summary>
    public Task AppendAsync(HttpContext context, RegistryRoute route) => WithUploadAsync(context, route, async upload =>
    {
        if (await TryAppendAsync(context, upload, isLast: false).ConfigureAwait(false))
        {
            await DescribeAsync(context, route.Name, upload.Id, upload.Length, StatusCodes.Status202Accepted).ConfigureAwait(false);
        }
    });

    /// <summary>PUT: an optional last chunk, and the digest of the blob.</summary>
    public async Task FinishAsync(HttpContext context, RegistryRoute route)
    {
        string text = context.Request.Query["digest"].ToString();
        if (!Endpoint.TryDigest(text, out Digest digest))
        {
            await ErrorResponse.WriteAsync(context, RegistryError.DigestInvalid, text).ConfigureAwait(false);
            return;
        }

        await WithUploadAsync(
            context,
            route,
            async upload =>
            {
                if (await TryAppendAsync(context, upload, isLast: true).ConfigureAwait(false))
                {
                    await CommitAsync(context, route, upload, digest).ConfigureAwait(false);
                }
            },
            missing: () => RepeatAsync(context, route, digest)).ConfigureAwait(false);
    }

    /// <summary>DELETE: cancels the upload.</summary>
    public Task CancelAsync(HttpContext context, RegistryRoute route) => WithUploadAsync(context, route, async upload =>
    {
        await upload.DeleteAsync(context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers[Endpoint.UploadId] = upload.Id;
        await Endpoint.Empty(context, StatusCodes.Status204NoContent).ConfigureAwait(false);
    });

    // A mount that is not possible begins an upload instead; it is never an error.
    private async Task<bool> TryMountAsync(HttpContext context, RegistryRoute route, string mount, string? from)
    {
        if (!Endpoint.TryDigest(mount, out Digest digest) || (from is not null && !RepositoryName.IsValid(from))
            || !await MountPolicy.AllowsAsync(context, from).ConfigureAwait(false)
            || !await store.MountBlobAsync(route.Name, digest, from, context.RequestAborted).ConfigureAwait(false))
        {
            return false;
        }

        Log.BlobMounted(log, route.Name, digest, from ?? "anywhere");
        await CreatedAsync(context, route.Name, digest).ConfigureAwait(false);
        return true;
    }

    private async Task TakeWholeAsync(HttpContext context, RegistryRoute route, Digest digest)
    {
        RegistryUpload upload = await store
            .BeginUploadAsync(route.Name, digest, context.Request.ContentLength, context.RequestAborted).ConfigureAwait(false);
        await using (upload.ConfigureAwait(false))
        {
            try
            {
                if (await TryAppendAsync(context, upload, isLast: true).ConfigureAwait(false))
                {
                    await CommitAsync(context, route, upload, digest).ConfigureAwait(false);
                }
            }
            catch
            {
                // No client knows the upload's id, so none can resume it.
                await upload.DeleteAsync(CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task CommitAsync(HttpContext context, RegistryRoute route, RegistryUpload upload, Digest digest)
    {
        long bytes = upload.Length;
        await upload.CommitAsync(digest, context.RequestAborted).ConfigureAwait(false);
        Log.BlobPushed(log, route.Name, digest, bytes);
        await CreatedAsync(context, route.Name, digest).ConfigureAwait(false);
    }

    /// <summary>Appends the request's body; when its range does not fit, answers with the error and returns false.</summary>
    private async Task<bool> TryAppendAsync(HttpContext context, RegistryUpload upload, bool isLast)
    {
        HttpRequest request = context.Request;
        UploadRange? range = null;
        if (request.Headers.ContentRange is { Count: > 0 } values)
        {
            string text = values.ToString();
            if (!TryParseRange(text, out UploadRange claimed))
            {
                return await RefuseRangeAsync(context, upload).ConfigureAwait(false);
            }

            if (request.ContentLength is { } length && length != claimed.Length)
            {
                await ErrorResponse.WriteAsync(context, RegistryError.SizeInvalid, text).ConfigureAwait(false);
                return false;
            }

            range = claimed;
        }

        // The store limits the length of blobs, not the host's limit for request bodies.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        long before = upload.Length;
        UploadOutcome outcome = await upload
            .AppendAsync(request.BodyReader, range, request.ContentLength, isLast, context.RequestAborted).ConfigureAwait(false);
        metrics.Received(upload.Length - before);
        switch (outcome)
        {
            case UploadOutcome.OutOfOrder:
                return await RefuseRangeAsync(context, upload).ConfigureAwait(false);
            case UploadOutcome.SizeDiffers:
                await ErrorResponse.WriteAsync(context, RegistryError.SizeInvalid).ConfigureAwait(false);
                return false;
            default:
                return true;
        }
    }

    // Location and Range tell the client where to resume.
    private static async Task<bool> RefuseRangeAsync(HttpContext context, RegistryUpload upload)
    {
        SetRange(context.Response, upload.Length);
        context.Response.Headers.Location = Endpoint.Location(context, context.Request.Path);
        context.Response.Headers[Endpoint.UploadId] = upload.Id;
        await ErrorResponse.WriteAsync(context, RegistryError.RangeInvalid).ConfigureAwait(false);
        return false;
    }

    // A client that did not hear the answer to its last PUT sends it again.
    private async Task RepeatAsync(HttpContext context, RegistryRoute route, Digest digest)
    {
        bool isThere = await store.FindBlobAsync(route.Name, digest, context.RequestAborted).ConfigureAwait(false) is not null;
        await (isThere
            ? CreatedAsync(context, route.Name, digest)
            : ErrorResponse.WriteAsync(context, RegistryError.BlobUploadUnknown)).ConfigureAwait(false);
    }

    private async Task WithUploadAsync(
        HttpContext context, RegistryRoute route, Func<RegistryUpload, Task> work, Func<Task>? missing = null) =>
        await WithSlotAsync(context, async () =>
        {
            RegistryUpload? upload = await store
                .OpenUploadAsync(route.Name, route.Reference, context.RequestAborted).ConfigureAwait(false);
            if (upload is null)
            {
                await (missing?.Invoke() ?? ErrorResponse.WriteAsync(context, RegistryError.BlobUploadUnknown)).ConfigureAwait(false);
                return;
            }

            await using (upload.ConfigureAwait(false))
            {
                await work(upload).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);

    private async Task WithSlotAsync(HttpContext context, Func<Task> work)
    {
        if (!await slots.EnterAsync(context.RequestAborted).ConfigureAwait(false))
        {
            await TryLaterAsync(context).ConfigureAwait(false);
            return;
        }

        try
        {
            using RegistryMetrics.Upload active = metrics.UploadBegins();
            await work().ConfigureAwait(false);
        }
        catch (UploadBusyException) when (!context.Response.HasStarted)
        {
            // Another host has written to the upload meanwhile, perhaps for an earlier request that had not ended yet.
            await TryLaterAsync(context).ConfigureAwait(false);
        }
        finally
        {
            slots.Leave();
        }
    }

    private static Task TryLaterAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return ErrorResponse.WriteAsync(context, RegistryError.TooManyRequests);
    }

    private static Task DescribeAsync(HttpContext context, string name, string id, long length, int status)
    {
        context.Response.Headers.Location = Endpoint.Location(context, $"/v2/{name}/blobs/uploads/{id}");
        context.Response.Headers[Endpoint.UploadId] = id;
        SetRange(context.Response, length);
        return Endpoint.Empty(context, status);
    }

    private static Task CreatedAsync(HttpContext context, string name, Digest digest)
    {
        string text = $"{digest}";
        context.Response.Headers.Location = Endpoint.Location(context, $"/v2/{name}/blobs/{text}");
        context.Response.Headers[Endpoint.ContentDigest] = text;
        return Endpoint.Empty(context, StatusCodes.Status201Created);
    }

    // Both ends are inclusive, so an empty upload is "0-0", like one byte: clients expect it as docker-registry does it.
    private static void SetRange(HttpResponse response, long length) => response.Headers.Range = $"0-{Math.Max(0, length - 1)}";

    // "FIRST-LAST" (distribution-spec, "Pushing a blob in chunks"), or HTTP's own "bytes FIRST-LAST/LENGTH", whose
    // length may be "*" or left out.
    internal static bool TryParseRange(ReadOnlySpan<char> text, out UploadRange range)
    {
        const string Unit = "bytes ";
        range = default;
        if (text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            text = text[Unit.Length..].TrimStart(' ');
        }

        int slash = text.IndexOf('/');
        ReadOnlySpan<char> whole = slash < 0 ? "*" : text[(slash + 1)..];
        text = slash < 0 ? text : text[..slash];
        int dash = text.IndexOf('-');
        if (dash < 0
            || !TryParseNumber(text[..dash], out long first)
            || !TryParseNumber(text[(dash + 1)..], out long last)
            || first > last
            || last == long.MaxValue
            || (whole is not "*" && (!TryParseNumber(whole, out long length) || length <= last)))
        {
            return false;
        }

        range = new UploadRange(first, last);
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
