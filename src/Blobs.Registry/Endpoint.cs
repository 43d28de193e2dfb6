using System.Text;
using Blobs.Hashing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Blobs.Registry;

/// <summary>Helpers that all endpoints share.</summary>
internal static class Endpoint
{
    public const string ContentDigest = "Docker-Content-Digest";
    public const string UploadId = "Docker-Upload-UUID";

    /// <summary>Answers without a body. The length is sent, as some clients would otherwise wait for a body.</summary>
    public static Task Empty(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            context.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }

    /// <summary>A path for a Location header. It names no host, so it is right behind any proxy.</summary>
    public static string Location(HttpContext context, string path) => $"{context.Request.PathBase}{path}";

    /// <summary>Whether the client already has this content: <c>If-None-Match</c>, with or without quotes around the
    /// digest, as docker-registry accepts it.</summary>
    public static bool IsKnownToClient(HttpRequest request, string digest)
    {
        StringValues values = request.Headers.IfNoneMatch;
        if (StringValues.IsNullOrEmpty(values))
        {
            return false;
        }

        foreach (string? value in values)
        {
            foreach (Range range in value.AsSpan().Split(','))
            {
                ReadOnlySpan<char> tag = value.AsSpan()[range].Trim();
                tag = tag.StartsWith("W/") ? tag[2..] : tag;
                if (tag is "*" || tag.Trim('"').SequenceEqual(digest))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a reference is a digest, or was meant as one: tags have no colon.</summary>
    public static bool IsDigest(string reference) => reference.Contains(':', StringComparison.Ordinal);

    public static bool TryDigest(string? text, out Digest digest) => Digest.TryParse(text, null, out digest);

    /// <summary>Media type of the body without parameters; null when it is missing or a generic default.</summary>
    public static string? MediaTypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Value is { } name
            && name.ToLowerInvariant() is var lower
            && lower is not ("application/json" or "application/octet-stream" or "application/x-www-form-urlencoded")
                ? lower
                : null;

    public static Task WriteAsync(HttpContext context, string mediaType, ReadOnlyMemory<byte> body)
    {
        HttpResponse response = context.Response;
        response.ContentType = mediaType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task WriteAsync(HttpContext context, string mediaType, string body) =>
        WriteAsync(context, mediaType, Encoding.UTF8.GetBytes(body));
}
