using System.Net;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Client;

/// <content>Finding and reading blobs.</content>
public sealed partial class RegistryRepository
{
    private const int UrlsMax = 16;

    /// <summary>The size of a blob; null when the repository does not have it.</summary>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async Task<long?> FindBlobAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        Uri address = await ResolveAsync($"blobs/{digest}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Head, address, _pull);
        using HttpResponseMessage response = await _connection.SendAsync(
            request, cancellationToken, HttpStatusCode.OK, HttpStatusCode.NotFound).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NotFound ? null
            : response.Content.Headers.ContentLength
                ?? throw new MalformedDataException(Fault.RegistryAnswer, 0, $"{request}: the answer has no length");
    }

    /// <summary>Fills in the sizes that a manifest leaves out with those that the repository reports.</summary>
    internal async Task<ImageManifest> WithSizesAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<Digest, long>();
        foreach (Descriptor blob in manifest.Unsized)
        {
            sizes[blob.Digest] = await FindBlobAsync(blob.Digest, cancellationToken).ConfigureAwait(false) ?? 0;
        }

        return manifest.WithSizes(blob => sizes[blob.Digest]);
    }

    /// <summary>Whether the repository has a blob.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="RegistryException">The registry refuses.</exception>
    public async Task<bool> HasBlobAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        Uri address = await ResolveAsync($"blobs/{digest}", cancellationToken).ConfigureAwait(false);
        using HttpResponseMessage response = await _connection.SendAsync(
            new RegistryRequest(HttpMethod.Head, address, _pull), cancellationToken, HttpStatusCode.OK, HttpStatusCode.NotFound)
            .ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>
    /// Opens a blob for reading with <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/>. The stream ends
    /// only when digest and length are correct; otherwise the last read throws. A connection that is cut is replaced by
    /// another that resumes where it stopped.
    /// </summary>
    /// <exception cref="RegistryException">The repository does not have it, or the registry refuses.</exception>
    public async Task<Stream> OpenBlobAsync(Descriptor blob, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        Stream source = await OpenUncheckedAsync(blob, 0, cancellationToken).ConfigureAwait(false);
        return new VerifyingStream(source, blob.Digest, blob.Size);
    }

    /// <summary>Reads all of a small blob, such as an image's config.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="RegistryException">The repository does not have it, or the registry refuses.</exception>
    /// <exception cref="DigestMismatchException">The bytes have another digest.</exception>
    /// <exception cref="LimitExceededException">The blob is longer than <see cref="Limits.ConfigBytes"/>.</exception>
    public async Task<byte[]> ReadBlobAsync(Descriptor blob, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blob);
        Limits limits = _connection.Options.Limits;
        if (blob.Size > limits.ConfigBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ConfigBytes), limits.ConfigBytes, $"blob {blob.Digest}");
        }

        try
        {
            return await ReadWholeAsync(blob, cancellationToken).ConfigureAwait(false);
        }
        catch (DigestMismatchException) when (HasUsedMirrors)
        {
            // A blob that a mirror had once is fetched from the registry the next time.
            return await ReadWholeAsync(blob, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The first bytes of a blob, unchecked: enough to detect its type.</summary>
    internal async Task<byte[]> ReadBlobStartAsync(Digest digest, int count, CancellationToken cancellationToken)
    {
        Uri address = await ResolveAsync($"blobs/{digest}", cancellationToken).ConfigureAwait(false);
        var request = new RegistryRequest(HttpMethod.Get, address, _pull) { Last = count - 1 };
        HttpResponseMessage answer = await _connection.SendAsync(
            request, cancellationToken, HttpStatusCode.OK, HttpStatusCode.PartialContent,
            HttpStatusCode.RequestedRangeNotSatisfiable).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            answer.Dispose();
            request = request with { Last = null };
            answer = await _connection.SendAsync(request, cancellationToken, HttpStatusCode.OK).ConfigureAwait(false);
        }

        using HttpResponseMessage response = answer;
        using var timeout = new IdleTimeout(_connection.Options.IdleTimeout, cancellationToken);
        byte[] start = new byte[count];
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            int read = await timeout.WaitAsync(
                token => body.ReadAtLeastAsync(start, count, throwOnEndOfStream: false, token)).ConfigureAwait(false);
            return start[..read];
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryAnswer.Unreachable(request, fault);
        }
    }

    /// <summary>Opens a blob whose digest the caller checks; only its length is checked here. A blob that the repository
    /// does not have is fetched from the URLs of its descriptor.</summary>
    internal async Task<Stream> OpenUncheckedAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        IReadOnlyList<BlobServer> servers = ServersOf(blob.Digest);
        try
        {
            return await OpenAsync(servers, blob, offset, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException missing) when (missing.Status == (int)HttpStatusCode.NotFound && blob.Urls is { Count: > 0 } urls)
        {
            (Stream? found, string why) =
                await TryOpenUrlsAsync(_connection, urls, blob, offset, cancellationToken).ConfigureAwait(false);
            return found ?? throw new RegistryException(missing.Status, missing.Codes, $"{missing.Message}; {why}", missing);
        }
    }

    /// <summary>Opens a blob at one of its URLs; without a stream, says why not. Credentials are not sent there, as the
    /// author of the manifest chose the URLs.</summary>
    internal static async Task<(Stream? Found, string Why)> TryOpenUrlsAsync(
        RegistryConnection connection, IReadOnlyList<string> urls, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        string last = "none of its urls is http or https";
        foreach (string url in urls.Take(UrlsMax))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            {
                continue;
            }

            try
            {
                var request = new RegistryRequest(HttpMethod.Get, address, []) { IsBulk = true, IsAnonymous = true };
                BlobServer[] one = [new(connection, request)];
                return (await OpenAsync(one, blob, offset, cancellationToken).ConfigureAwait(false), "");
            }
            catch (BlobsException fault) when (fault is RegistryException or MalformedDataException or DigestMismatchException)
            {
                last = fault.Message;
            }
        }

        return (null, last);
    }

    private async Task<byte[]> ReadWholeAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        Stream source = await OpenBlobAsync(blob, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            byte[] bytes = new byte[blob.Size];
            await source.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);

            // The digest is checked at the end.
            await source.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            return bytes;
        }
    }

    private static async Task<Stream> OpenAsync(
        IReadOnlyList<BlobServer> servers, Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        var source = new ResumingStream(servers, blob.Size, offset);
        try
        {
            // Connect now, so that a missing blob is reported here and not in the middle of reading.
            await source.OpenAsync(cancellationToken).ConfigureAwait(false);
            return source;
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
