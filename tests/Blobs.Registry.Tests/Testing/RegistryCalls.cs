using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Blobs.Registry.Tests.Testing;

/// <summary>What clients do, in one line each.</summary>
internal static class RegistryCalls
{
    public static Task<HttpResponseMessage> CallAsync(
        this HttpClient client, string method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null || headers.Any(header => IsOfContent(header.Name)))
        {
            request.Content = new ByteArrayContent(body ?? []);
        }

        foreach ((string name, string value) in headers)
        {
            HttpHeaders target = IsOfContent(name) ? request.Content!.Headers : request.Headers;
            Assert.True(target.TryAddWithoutValidation(name, value), name);
        }

        return client.SendAsync(request);
    }

    /// <summary>Begins an upload and returns where it goes on.</summary>
    public static async Task<string> BeginAsync(this HttpClient client, string repository = "foo/bar")
    {
        HttpResponseMessage response = await client.CallAsync("POST", $"/v2/{repository}/blobs/uploads/");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }

    public static async Task<string> PushBlobAsync(this HttpClient client, byte[] content, string repository = "foo/bar", string? digest = null)
    {
        digest ??= Content.Digest(content);
        HttpResponseMessage response = await client.CallAsync(
            "PUT", $"{await client.BeginAsync(repository)}?digest={digest}", content, ("Content-Type", "application/octet-stream"));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return digest;
    }

    public static Task<HttpResponseMessage> PutManifestAsync(
        this HttpClient client, string reference, byte[] document, string? mediaType = Content.OciManifest, string repository = "foo/bar") =>
        client.CallAsync(
            "PUT", $"/v2/{repository}/manifests/{reference}", document, mediaType is null ? [] : [("Content-Type", mediaType)]);

    /// <summary>Pushes an image of one layer and returns its manifest.</summary>
    public static async Task<byte[]> PushImageAsync(
        this HttpClient client, string tag = "latest", string repository = "foo/bar", string layer = "a layer", string more = "")
    {
        byte[] manifest = Content.Manifest([Content.Of(layer)], more: more);
        await client.PushBlobAsync(Content.Config, repository);
        await client.PushBlobAsync(Content.Of(layer), repository);
        HttpResponseMessage response = await client.PutManifestAsync(tag, manifest, repository: repository);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return manifest;
    }

    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) || response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    /// <summary>The answer is this error, in the form of the specification.</summary>
    public static async Task ExpectErrorAsync(this HttpResponseMessage response, int status, string code)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"expected {status} {code}, found {(int)response.StatusCode} {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        JsonElement first = JsonDocument.Parse(body).RootElement.GetProperty("errors")[0];
        Assert.Equal(code, first.GetProperty("code").GetString());
        Assert.NotEmpty(first.GetProperty("message").GetString()!);
    }

    private static bool IsOfContent(string name) => name is "Content-Type" or "Content-Range" or "Content-Length";
}
