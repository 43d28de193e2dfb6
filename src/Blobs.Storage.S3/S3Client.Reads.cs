using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <content>Reads: by a request of our own, and by the SDK when that has no plain answer.</content>
internal sealed partial class S3Client
{
    public Task<S3Stat?> StatAsync(string key, CancellationToken cancellationToken) => SmallAsync<S3Stat?>(async token =>
    {
        for (int attempt = 0; attempt < SettleAttempts; attempt++)
        {
            if (await HeadAsync(key, token).ConfigureAwait(false) is { } stat)
            {
                return stat;
            }

            // An answer to HEAD has no body that could say what was not found: it may be the bucket. An object that is
            // there now was written in between, and is asked about again.
            using S3Answer? there = await OpenFromAsync(key, 0, token).ConfigureAwait(false);
            if (there is null)
            {
                return null;
            }
        }

        throw new StorageUnavailableException($"{Place}: {key} comes and goes");
    }, cancellationToken);

    /// <summary>Reads a small object.</summary>
    /// <exception cref="StoreException">It is longer.</exception>
    public Task<S3Object?> ReadAsync(string key, int bytesMax, CancellationToken cancellationToken) => ReadAsync(
        key,
        bytesMax,
        found => throw new StoreException(key, $"{Place}: {key} is {found.Length} bytes long, more than {bytesMax}"),
        cancellationToken);

    /// <summary>Reads a small object; one that is longer has no content.</summary>
    public Task<S3Object?> ReadShortAsync(string key, int bytesMax, CancellationToken cancellationToken) =>
        ReadAsync(key, bytesMax, static found => new S3Object([], found.ETag, found.ChangedAt, found.Nonce), cancellationToken);

    private Task<S3Object?> ReadAsync(
        string key, int bytesMax, Func<S3Answer, S3Object> whenLonger, CancellationToken cancellationToken) => SmallAsync(async token =>
    {
        using S3Answer? found = await OpenFromAsync(key, 0, token).ConfigureAwait(false);
        if (found is null)
        {
            return null;
        }

        if (found.Length > bytesMax)
        {
            return whenLonger(found);
        }

        var content = new byte[found.Length];
        await found.Content.ReadExactlyAsync(content, token).ConfigureAwait(false);

        // One more read, for nothing, gives the connection back.
        _ = await found.Content.ReadAsync(new byte[1], token).ConfigureAwait(false);
        return new S3Object(content, found.ETag, found.ChangedAt, found.Nonce);
    }, cancellationToken);

    /// <summary>Begins to read an object from an offset. The caller reads and disposes the answer.</summary>
    /// <param name="key">The key.</param>
    /// <param name="offset">The first byte, which must exist unless it is 0.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<S3Answer?> OpenAsync(string key, long offset, CancellationToken cancellationToken) =>
        SmallAsync(token => OpenFromAsync(key, offset, token), cancellationToken);

    private async Task<S3Answer?> OpenFromAsync(string key, long offset, CancellationToken cancellationToken)
    {
        DirectAnswer<S3Answer?> direct = await _direct.GetAsync(key, offset, cancellationToken).ConfigureAwait(false);
        if (direct.IsPlain)
        {
            return direct.Found;
        }

        var request = new GetObjectRequest { BucketName = Bucket, Key = key };
        if (offset > 0)
        {
            request.ByteRange = new ByteRange($"bytes={offset}-");
        }

        try
        {
            return S3Answer.Of(await _s3.GetObjectAsync(request, cancellationToken).ConfigureAwait(false));
        }
        catch (AmazonS3Exception fault) when (S3Faults.IsNoSuchKey(fault))
        {
            return null;
        }
    }

    // Null when something is not there.
    private async Task<S3Stat?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        DirectAnswer<S3Stat?> direct = await _direct.HeadAsync(key, cancellationToken).ConfigureAwait(false);
        if (direct.IsPlain)
        {
            return direct.Found;
        }

        try
        {
            GetObjectMetadataResponse found = await _s3.GetObjectMetadataAsync(Bucket, key, cancellationToken).ConfigureAwait(false);
            return new S3Stat(found.ContentLength, Unquoted(found.ETag), TimeOf(found.LastModified));
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    // The SDK knows where the bucket is: the address of an object in it, without the object.
    private async Task<DirectAccess> FindAccessAsync(CancellationToken cancellationToken)
    {
        AWSCredentials credentials = _options.Credentials ?? _s3.Config.DefaultAWSCredentials
            ?? await Amazon.Runtime.Credentials.DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync().ConfigureAwait(false);
        Uri one = await SignAsync("x", cancellationToken).ConfigureAwait(false);
        string region = _s3.Config.AuthenticationRegion ?? _s3.Config.RegionEndpoint?.SystemName ?? DefaultRegion;
        return new DirectAccess(one.GetLeftPart(UriPartial.Path)[..^1], region, credentials);
    }
}
