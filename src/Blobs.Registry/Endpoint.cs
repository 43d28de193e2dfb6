using System.Text;
using Blobs.Hashing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Blobs.Registry;

/// <summary>What all endpoints say in the same way.</summary>
internal static class Endpoint
{
    public const string ContentDigest = "Docker-Content-Digest";
    public const string UploadId = "Docker-Upload-UUID";

    /// <summary>Answers without a body; the length is said, as some clients wait for the end of one otherwise.</summary>
    public static Task Empty(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            context.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }

    /// <summary>The paths that clients are given are relative to the host they asked, whatever stands before it.</summary>
    public static string Location(HttpContext context, string path) => $"{context.Request.PathBase}{path}";

    /// <summary>Whether the client has this content already: <c>If-None-Match</c>, with or without quotes around the digest, as the
    /// reference registry takes it.</summary>
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

    /// <summary>A reference with a colon is a digest, or was meant to be one.</summary>
    public static bool IsDigest(string reference) => reference.Contains(':', StringComparison.Ordinal);

    public static bool TryDigest(string? text, out Digest digest) => Digest.TryParse(text, null, out digest);

    /// <summary>Media type of the body without parameters; null when nothing is said that says something.</summary>
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
