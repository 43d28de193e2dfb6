using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Blobs.Testing;

/// <summary>
/// An object store in memory, for what Ceph's does not do: conditions that are ignored, questions that have no answer. It
/// has one bucket, speaks as much S3 as a registry needs for small blobs, and checks no signature.
/// </summary>
internal sealed class FakeS3 : IAsyncDisposable
{
    public const string Bucket = "bucket";

    private readonly ConcurrentDictionary<string, Stored> _objects = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    public FakeS3()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public FakeConditions Conditions { get; init; }

    /// <summary>The answer to whether the bucket keeps versions: a status of S3, or of HTTP.</summary>
    public string Versioning { get; init; } = "";

    /// <summary>Whether it is another web server, which answers everything with a page.</summary>
    public bool IsOtherServer { get; init; }

    /// <summary>Where set, deletions of many objects are denied, and the answer states this time.</summary>
    public DateTimeOffset? DeniesDeletionsAt { get; init; }

    /// <summary>Open multipart uploads, by id: their keys, and when they began.</summary>
    public ConcurrentDictionary<string, (string Key, DateTimeOffset? BeganAt)> Uploads { get; } = new(StringComparer.Ordinal);

    /// <summary>All requests, with their headers.</summary>
    public ConcurrentQueue<(string Method, string Target, Dictionary<string, string> Headers)> Asked { get; } = [];

    public Uri Address => new(_app.Urls.Single());

    public async Task<FakeS3> StartAsync()
    {
        await _app.StartAsync();
        return this;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        Dictionary<string, string> headers = request.Headers.ToDictionary(
            one => one.Key, one => $"{one.Value}", StringComparer.OrdinalIgnoreCase);
        Asked.Enqueue((request.Method, $"{request.Path}{request.QueryString}", headers));
        string[] path = request.Path.Value!.TrimStart('/').Split('/', 2);
        string key = path.Length == 2 ? path[1] : "";
        Task answer = (request.Method, key) switch
        {
            _ when IsOtherServer => context.Response.WriteAsync("<html><body>Welcome</body></html>"),
            _ when path[0] != Bucket => FailAsync(context, 404, "NoSuchBucket"),
            ("GET", "") when request.Query.ContainsKey("versioning") => SayVersioningAsync(context),
            ("GET", "") when request.Query.ContainsKey("uploads") => ListUploadsAsync(context),
            ("GET", "") => ListAsync(context),
            ("POST", "") when DeniesDeletionsAt is { } time => DenyAsync(context, time),
            ("PUT", _) => PutAsync(context, key),
            ("DELETE", _) when request.Query.ContainsKey("uploadId") => AbortAsync(context),
            ("DELETE", _) => DeleteAsync(context, key),
            _ => GetAsync(context, key),
        };
        await answer;
    }

    private async Task PutAsync(HttpContext context, string key)
    {
        string ifNone = context.Request.Headers.IfNoneMatch.ToString();
        string ifMatch = context.Request.Headers.IfMatch.ToString();
        if (Conditions == FakeConditions.Unknown && ifNone.Length + ifMatch.Length > 0)
        {
            await FailAsync(context, 501, "NotImplemented");
            return;
        }

        byte[] content;
        if (context.Request.Headers.TryGetValue("x-amz-copy-source", out var source))
        {
            content = _objects[Uri.UnescapeDataString(source.ToString()).TrimStart('/')[(Bucket.Length + 1)..]].Content;
        }
        else
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            content = body.ToArray();
        }

        var stored = new Stored(content, context.Request.Headers["x-amz-meta-nonce"].ToString());
        lock (_objects)
        {
            if (!IsMet(_objects.GetValueOrDefault(key), ifNone, ifMatch))
            {
                stored = null;
            }
            else
            {
                _objects[key] = stored;
            }
        }

        if (stored is null)
        {
            await FailAsync(context, 412, "PreconditionFailed");
            return;
        }

        context.Response.Headers.ETag = $"\"{stored.ETag}\"";
        await SayAsync(context, new XElement("CopyObjectResult", new XElement("ETag", stored.ETag)));
    }

    private bool IsMet(Stored? found, string ifNone, string ifMatch) =>
        Conditions == FakeConditions.Ignored
        || ((ifNone != "*" || found is null)
            && (ifMatch.Length == 0 || Conditions == FakeConditions.CreateOnly
                || ifMatch == (Conditions == FakeConditions.Quoted ? $"\"{found?.ETag}\"" : found?.ETag)));

    private async Task GetAsync(HttpContext context, string key)
    {
        if (!_objects.TryGetValue(key, out Stored? stored))
        {
            await FailAsync(context, 404, "NoSuchKey");
            return;
        }

        context.Response.Headers.ETag = $"\"{stored.ETag}\"";
        context.Response.Headers.LastModified = stored.Time.ToString("R", CultureInfo.InvariantCulture);
        context.Response.Headers["x-amz-meta-nonce"] = stored.Nonce;
        byte[] content = stored.Content;
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            content = content[(int)range.From!.Value..(int)Math.Min((range.To ?? content.Length) + 1, content.Length)];
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
        }

        context.Response.ContentLength = content.Length;
        if (context.Request.Method == "GET")
        {
            await context.Response.Body.WriteAsync(content);
        }
    }

    private Task DeleteAsync(HttpContext context, string key)
    {
        _objects.TryRemove(key, out _);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task AbortAsync(HttpContext context)
    {
        context.Response.StatusCode = Uploads.TryRemove(context.Request.Query["uploadId"].ToString(), out _)
            ? StatusCodes.Status204NoContent
            : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Task ListUploadsAsync(HttpContext context)
    {
        string prefix = context.Request.Query["prefix"].ToString();
        return SayAsync(context, new XElement(
            "ListMultipartUploadsResult",
            new XElement("IsTruncated", "false"),
            Uploads.Where(upload => upload.Value.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(upload => new XElement(
                "Upload",
                new XElement("Key", upload.Value.Key),
                new XElement("UploadId", upload.Key),
                upload.Value.BeganAt is { } time ? new XElement("Initiated", TextOf(time)) : null))));
    }

    // Everything on one page; nobody keeps much here.
    private Task ListAsync(HttpContext context)
    {
        string prefix = context.Request.Query["prefix"].ToString();
        string after = context.Request.Query["start-after"].ToString();
        bool isOfFolders = context.Request.Query["delimiter"] == "/";
        var page = new XElement("ListBucketResult", new XElement("IsTruncated", "false"));
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((string key, Stored stored) in _objects.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || string.CompareOrdinal(key, after) <= 0)
            {
                continue;
            }

            int end = isOfFolders ? key.IndexOf('/', prefix.Length) : -1;
            if (end >= 0)
            {
                folders.Add(key[..(end + 1)]);
                continue;
            }

            page.Add(new XElement(
                "Contents", new XElement("Key", key), new XElement("Size", stored.Content.Length),
                new XElement("LastModified", TextOf(stored.Time))));
        }

        page.Add(folders.Select(folder => new XElement("CommonPrefixes", new XElement("Prefix", folder))));
        return SayAsync(context, page);
    }

    private Task SayVersioningAsync(HttpContext context) => int.TryParse(Versioning, CultureInfo.InvariantCulture, out int status)
        ? FailAsync(context, status, status == 403 ? "AccessDenied" : "NotImplemented")
        : SayAsync(context, new XElement("VersioningConfiguration", Versioning.Length == 0 ? null : new XElement("Status", Versioning)));

    private static string TextOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);

    private static Task DenyAsync(HttpContext context, DateTimeOffset time)
    {
        context.Response.Headers.Date = time.ToString("R", CultureInfo.InvariantCulture);
        return FailAsync(context, StatusCodes.Status403Forbidden, "AccessDenied");
    }

    private static Task FailAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return SayAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", code)));
    }

    private static Task SayAsync(HttpContext context, XElement document)
    {
        context.Response.ContentType = "application/xml";
        return context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.WriteAsync($"{document}");
    }

    private sealed record Stored(byte[] Content, string Nonce)
    {
#pragma warning disable CA5351 // An ETag is an MD5.
        public string ETag { get; } = Convert.ToHexStringLower(MD5.HashData(Content));
#pragma warning restore CA5351

        public DateTimeOffset Time { get; } = DateTimeOffset.UtcNow;
    }
}
