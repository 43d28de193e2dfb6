using System.Net;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <content>Pushing blobs, and mounting them from another repository.</content>
public sealed partial class RegistryRepository
{
    /// <summary>Pushes a blob of known digest and size, in one request. Starts again when the connection fails.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="open">Opens the blob for reading; called for each attempt. The stream is disposed.</param>
    /// <param name="cancellationToken">Cancels the upload, also at the registry.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    /// <exception cref="DigestMismatchException">The bytes are not those of <paramref name="blob"/>.</exception>
    public async Task PutBlobAsync(
        Descriptor blob, Func<CancellationToken, ValueTask<Stream>> open, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        ArgumentNullException.ThrowIfNull(open);
        await _connection.Retry.Uploads.ExecuteAsync(
            async token =>
            {
                UploadSession upload = await BeginAsync(token).ConfigureAwait(false);
                await using (upload.ConfigureAwait(false))
                {
                    await upload.PutAsync(open, blob, token).ConfigureAwait(false);
                    return blob.Size;
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pushes a blob that is produced while it is sent; digest and size are known at the end. Starts again when
    /// the connection fails.</summary>
    /// <param name="write">Writes the blob to a stream, asynchronously; called for each attempt.</param>
    /// <param name="cancellationToken">Cancels the upload, also at the registry.</param>
    /// <returns>Digest and size; the media type is <c>application/octet-stream</c>.</returns>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public Task<Descriptor> PutBlobAsync(
        Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        return PutBlobAsync(MeasureAsync, cancellationToken);

        async Task<Descriptor> MeasureAsync(Stream target, CancellationToken token)
        {
            var measured = new MeasuringStream(target);
            await using (measured.ConfigureAwait(false))
            {
                await write(measured, token).ConfigureAwait(false);
                return new Descriptor
                {
                    MediaType = MediaTypes.OctetStream,
                    Digest = measured.FinishDigest(),
                    Size = measured.Length,
                };
            }
        }
    }

    /// <summary>Pushes a blob that is produced while it is sent, and hashed by its producer, so it is not hashed again
    /// here. Starts again when the connection fails.</summary>
    /// <param name="write">Writes the blob to a stream, asynchronously, and returns its descriptor; called for each
    /// attempt.</param>
    /// <param name="cancellationToken">Cancels the upload, also at the registry.</param>
    /// <returns>The descriptor that <paramref name="write"/> returned.</returns>
    /// <exception cref="RegistryException">The registry refuses, also when the bytes do not match the digest.</exception>
    public async Task<Descriptor> PutBlobAsync(
        Func<Stream, CancellationToken, Task<Descriptor>> write, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        Descriptor? blob = null;
        await _connection.Retry.Uploads.ExecuteAsync(
            async token =>
            {
                UploadSession upload = await BeginAsync(token).ConfigureAwait(false);
                await using (upload.ConfigureAwait(false))
                {
                    await upload.WriteAsync(
                        async (target, stop) => blob = await write(target, stop).ConfigureAwait(false), token).ConfigureAwait(false);
                    await CommitAsync(upload, blob!, token).ConfigureAwait(false);
                    return blob!.Size;
                }
            },
            cancellationToken).ConfigureAwait(false);
        return blob!;
    }

    /// <summary>Mounts a blob from another repository of the same registry, without a transfer (OCI distribution-spec,
    /// "Mounting a blob from another repository"). False when the registry asks for an upload instead.</summary>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async Task<bool> MountBlobAsync(Digest digest, string fromRepository, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(fromRepository);
        string query = $"?mount={Uri.EscapeDataString($"{digest}")}&from={Uri.EscapeDataString(fromRepository)}";
        (RegistryRequest request, HttpResponseMessage response) =
            await PostAsync(query, [.. _push, $"repository:{fromRepository}:pull"], cancellationToken).ConfigureAwait(false);
        using (response)
        {
            if (response.StatusCode == HttpStatusCode.Created)
            {
                return true;
            }

            if (response.Headers.Location is null)
            {
                return false;
            }

            // The registry began an upload instead: cancel it.
            var upload = new UploadSession(_connection, _push, RegistryAddress.LocationOf(request, response));
            await upload.DisposeAsync().ConfigureAwait(false);
            return false;
        }
    }

    // When the answer was lost, the retry may find the upload gone because the registry already has the blob.
    private async Task CommitAsync(UploadSession upload, Descriptor blob, CancellationToken cancellationToken)
    {
        try
        {
            await upload.CommitAsync(blob, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException gone) when (gone.Status == (int)HttpStatusCode.NotFound)
        {
            if (await FindBlobAsync(blob.Digest, cancellationToken).ConfigureAwait(false) != blob.Size)
            {
                throw;
            }
        }
    }

    private async Task<UploadSession> BeginAsync(CancellationToken cancellationToken)
    {
        (RegistryRequest request, HttpResponseMessage response) = await PostAsync("", _push, cancellationToken).ConfigureAwait(false);
        using (response)
        {
            return response.StatusCode == HttpStatusCode.Accepted
                ? new UploadSession(_connection, _push, RegistryAddress.LocationOf(request, response))
                : throw new MalformedDataException(
                    Fault.RegistryAnswer, 0, $"{request}: the registry claims to have a blob that was not sent yet");
        }
    }

    private async Task<(RegistryRequest Request, HttpResponseMessage Response)> PostAsync(
        string query, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"blobs/uploads/{query}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Post, address, scopes) { Body = () => new ByteArrayContent([]) };
        HttpResponseMessage response = await _connection.SendAsync(
            request, cancellationToken, HttpStatusCode.Accepted, HttpStatusCode.Created).ConfigureAwait(false);
        return (request, response);
    }
}
