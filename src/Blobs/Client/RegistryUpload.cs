using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Client;

/// <summary>
/// A blob on its way into a repository (OCI distribution-spec, "Pushing Blobs"). The registry says with each answer where the next
/// request goes. Disposing without commit tells it to forget what it got.
/// </summary>
internal sealed class RegistryUpload(RegistryConnection connection, IReadOnlyList<string> scopes, Uri location) : IAsyncDisposable
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(3);

    private Uri _location = location;
    private bool _isOver;

    /// <summary>Sends bytes whose number and digest are known: one request.</summary>
    public async Task PutAsync(Stream content, Descriptor blob, CancellationToken cancellationToken)
    {
        var body = new ProducedContent(content.CopyToAsync, blob.Size, cancellationToken);
        RegistryRequest request = Request(HttpMethod.Put, WithDigest(blob.Digest), body);
        using HttpResponseMessage response = await SendAsync(
            request, body, cancellationToken, HttpStatusCode.Created, HttpStatusCode.NoContent).ConfigureAwait(false);
        _isOver = true;
        body.Expect(blob);
    }

    /// <summary>Sends bytes as they are made, and returns what they were. <see cref="CommitAsync"/> tells the registry.</summary>
    public async Task<Descriptor> WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var body = new ProducedContent(write, null, cancellationToken);
        RegistryRequest patch = Request(HttpMethod.Patch, _location, body);
        using (HttpResponseMessage response = await SendAsync(
            patch, body, cancellationToken, HttpStatusCode.Accepted, HttpStatusCode.NoContent).ConfigureAwait(false))
        {
            _location = RegistryHost.LocationOf(patch, patch.Address, response);
        }

        return body.Describe();
    }

    /// <summary>Says what the bytes were that were sent.</summary>
    public async Task CommitAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var put = new RegistryRequest(HttpMethod.Put, WithDigest(blob.Digest), scopes) { Body = () => new ByteArrayContent([]) };
        using HttpResponseMessage done = await connection.SendAsync(
            put, cancellationToken, HttpStatusCode.Created, HttpStatusCode.NoContent).ConfigureAwait(false);
        _isOver = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        try
        {
            // The registry forgets by itself some day: it is not worth more than one short try, nor a second error.
            using var patience = new CancellationTokenSource(FarewellTime);
            var request = new RegistryRequest(HttpMethod.Delete, _location, scopes) { IsRepeatable = false };
            using HttpResponseMessage response = await connection.SendAsync(
                request, patience.Token, HttpStatusCode.NoContent, HttpStatusCode.Accepted, HttpStatusCode.OK).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is BlobsException or OperationCanceledException)
        {
        }
    }

    private RegistryRequest Request(HttpMethod method, Uri address, ProducedContent body) => new(method, address, scopes)
    {
        Body = () =>
        {
            body.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.OctetStream);
            return body;
        },
        IsRepeatable = false,
        IsBulk = true,
    };

    // When making the bytes failed, that is the error, and not the connection that was given up for it.
    private async Task<HttpResponseMessage> SendAsync(
        RegistryRequest request, ProducedContent body, CancellationToken cancellationToken, params IReadOnlyList<HttpStatusCode> expected)
    {
        try
        {
            HttpResponseMessage response =
                await connection.SendAsync(request, cancellationToken, expected).ConfigureAwait(false);
            body.ThrowIfFailed();
            return response;
        }
        catch (RegistryException)
        {
            body.ThrowIfFailed();
            throw;
        }
    }

    private Uri WithDigest(Digest digest)
    {
        // What the registry put into the address is its own state, and stays as it is.
        string separator = _location.Query.Length == 0 ? "?" : "&";
        return new Uri($"{_location.GetLeftPart(UriPartial.Query)}{separator}digest={Uri.EscapeDataString($"{digest}")}");
    }
}
