using System.Net;
using System.Net.Http.Headers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <summary>
/// One upload of a blob (OCI distribution-spec, "Pushing Blobs"). Each answer names the address of the next request.
/// Disposing it before the commit cancels it at the registry.
/// </summary>
internal sealed class UploadSession(RegistryConnection connection, IReadOnlyList<string> scopes, Uri location) : IAsyncDisposable
{
    private static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(3);

    // The specification requires 201; registries also send the others, and docker accepts them.
    private static readonly HttpStatusCode[] Taken =
        [HttpStatusCode.Created, HttpStatusCode.Accepted, HttpStatusCode.NoContent, HttpStatusCode.OK];

    private static readonly HttpStatusCode[] Moved = [HttpStatusCode.TemporaryRedirect, HttpStatusCode.PermanentRedirect];

    private Uri _location = location;
    private bool _isOver;

    /// <summary>Sends a blob of known size and digest in one request.</summary>
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

    /// <summary>Sends bytes as they are produced; <see cref="CommitAsync"/> states their digest.</summary>
    public async Task WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response =
            await SendAsync(HttpMethod.Patch, _location, write, null, cancellationToken).ConfigureAwait(false);

        // Without a Location, the upload continues at the same address.
        Uri here = response.RequestMessage!.RequestUri!;
        _location = response.Headers.Location is null
            ? here
            : RegistryAddress.LocationOf(new RegistryRequest(HttpMethod.Patch, here, scopes), response);
    }

    /// <summary>Completes the upload with the digest of the bytes sent.</summary>
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
            // Registries expire uploads by themselves: one short attempt is enough, and its failure is not an error.
            using var timeout = new CancellationTokenSource(CancelTime);
            var request = new RegistryRequest(HttpMethod.Delete, _location, scopes) { IsRepeatable = false };
            using HttpResponseMessage response = await connection.SendAsync(
                request, timeout.Token, HttpStatusCode.NoContent, HttpStatusCode.Accepted, HttpStatusCode.OK).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is BlobsException or OperationCanceledException)
        {
        }
    }

    // Every redirect needs a new body.
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
                    ? RegistryAddress.LocationOf(request, response)
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

    // When the producer failed, report that, and not the connection that was aborted because of it.
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
        // The query of the address is the registry's own state, and must stay as it is.
        string separator = _location.Query.Length == 0 ? "?" : "&";
        return new Uri($"{_location.GetLeftPart(UriPartial.Query)}{separator}digest={Uri.EscapeDataString($"{digest}")}");
    }
}
