using System.Net;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Client;

/// <content>Blobs: put, or taken over from another repository.</content>
public sealed partial class RegistryRepository
{
    /// <summary>Puts a blob whose digest and size are known, in one request. It begins anew when the connection fails.</summary>
    /// <param name="blob">What it is.</param>
    /// <param name="open">Opens it for reading; called once a try, and its result disposed.</param>
    /// <param name="cancellationToken">Ends the upload; the registry is told to forget it.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    /// <exception cref="DigestMismatchException">The bytes are not what <paramref name="blob"/> says.</exception>
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

    /// <summary>Puts a blob that is made while it is sent; its digest and size are known at the end. Tried again from the start when
    /// the connection fails.</summary>
    /// <param name="write">Writes the blob to a stream, asynchronously; called once a try.</param>
    /// <param name="cancellationToken">Ends the upload; the registry is told to forget it.</param>
    /// <returns>Digest and size; the type is that of bytes of unknown kind.</returns>
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

    /// <summary>Puts a blob that is made while it is sent by somebody who hashes it too: it is not hashed again. Tried again from the start
    /// when the connection fails.</summary>
    /// <param name="write">Writes the blob to a stream, asynchronously, and says what it was; called once a try.</param>
    /// <param name="cancellationToken">Ends the upload; the registry is told to forget it.</param>
    /// <returns>What <paramref name="write"/> said.</returns>
    /// <exception cref="RegistryException">The registry refuses: also when the bytes were something else.</exception>
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

    /// <summary>Takes a blob over from another repository of the same registry, without moving a byte (OCI distribution-spec,
    /// "Mounting a blob from another repository"). False when the registry would rather have it uploaded.</summary>
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

            // It has begun an upload instead.
            var upload = new UploadSession(_connection, _push, RegistryHost.LocationOf(request, response));
            await upload.DisposeAsync().ConfigureAwait(false);
            return false;
        }
    }

    // One whose answer was lost is tried again by itself, and then the registry has the blob, and knows of no such upload any more.
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
                ? new UploadSession(_connection, _push, RegistryHost.LocationOf(request, response))
                : throw new MalformedDataException(
                    Fault.RegistryAnswer, 0, $"{request}: the registry has the blob before it was sent");
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
