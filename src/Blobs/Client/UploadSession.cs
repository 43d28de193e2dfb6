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
internal sealed class UploadSession(RegistryConnection connection, IReadOnlyList<string> scopes, Uri location) : IAsyncDisposable
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(3);

    // What registries say for "I have it", whatever they should say, and what docker takes for it.
    private static readonly HttpStatusCode[] Taken =
        [HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.NoContent, HttpStatusCode.OK];

    private static readonly HttpStatusCode[] Moved = [HttpStatusCode.TemporaryRedirect, HttpStatusCode.PermanentRedirect];

    private Uri _location = location;
    private bool _isOver;

    /// <summary>Sends bytes whose number and digest are known: one request.</summary>
    public async Task PutAsync(
        Func<CancellationToken, ValueTask<Stream>> open, Descriptor blob, CancellationToken cancellationToken)
    {
        Digest sent = default;
        using HttpResponseMessage response = await SendAsync(
            HttpMethod.Put, WithDigest(blob.Digest), WriteAsync, blob.Size, cancellationToken).ConfigureAwait(false);
        _isOver = true;
        if (blob.Digest.Algorithm == DigestAlgorithm.Sha256 && blob.Digest != sent)
        {
            throw new DigestMismatchException("pushed blob", $"{blob.Digest}", $"{sent}", blob.Size);
        }

        async Task WriteAsync(Stream target, CancellationToken token)
        {
            Stream content = await open(token).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                var measured = new MeasuringStream(target);
                await using (measured.ConfigureAwait(false))
                {
                    await content.CopyToAsync(measured, token).ConfigureAwait(false);
                    sent = measured.FinishDigest();
                }
            }
        }
    }

    /// <summary>Sends bytes as they are made. <see cref="CommitAsync"/> tells the registry what they were.</summary>
    public async Task WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response =
            await SendAsync(HttpMethod.Patch, _location, write, null, cancellationToken).ConfigureAwait(false);

        // Who does not say where it goes on means here.
        Uri here = response.RequestMessage!.RequestUri!;
        _location = response.Headers.Location is null
            ? here
            : RegistryHost.LocationOf(new RegistryRequest(HttpMethod.Patch, here, scopes), response);
    }

    /// <summary>Says what the bytes were that were sent.</summary>
    public async Task CommitAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var put = new RegistryRequest(HttpMethod.Put, WithDigest(blob.Digest), scopes) { Body = () => new ByteArrayContent([]) };
        using HttpResponseMessage done = await connection.SendAsync(put, cancellationToken, Taken).ConfigureAwait(false);
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

    // The body is made once for each address that the registry sends us on to.
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        Uri address,
        Func<Stream, CancellationToken, Task> write,
        long? length,
        CancellationToken cancellationToken)
    {
        for (int redirects = 0; ; redirects++)
        {
            var body = new ProducedContent(write, length, cancellationToken);
            RegistryRequest request = Request(method, address, body);
            HttpResponseMessage response = await SendAsync(request, body, cancellationToken).ConfigureAwait(false);
            if (!Moved.Contains(response.StatusCode))
            {
                return response;
            }

            using (response)
            {
                address = redirects < RegistryConnection.RedirectsMax
                    ? RegistryHost.LocationOf(request, response)
                    : throw new MalformedDataException(
                        Fault.RegistryAnswer, 0, $"{request}: redirects more than {RegistryConnection.RedirectsMax} times");
            }
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
        RegistryRequest request, ProducedContent body, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response =
                await connection.SendAsync(request, cancellationToken, [.. Taken, .. Moved]).ConfigureAwait(false);
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
