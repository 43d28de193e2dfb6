using Amazon.S3;
using Amazon.S3.Model;
using Blobs.Distribution.Storage;

namespace Blobs.Storage.S3;

/// <content>Large objects: multipart uploads, and copies that the store makes itself.</content>
internal sealed partial class S3Client
{
    // What one CopyObject request copies at most, and what a part of a longer copy is.
    private const long CopyBytesMax = 5L << 30;
    private const long CopyPartBytes = 512L << 20;
    private const int CopiesAtOnce = 4;

    /// <summary>How long after their beginning the parts of a blob may be completed. Then they wait to be aborted.</summary>
    public static readonly TimeSpan CompletionTime = TimeSpan.FromHours(24);

    /// <summary>Writes an object from a stream that can seek, whatever was there.</summary>
    public Task WriteAsync(string key, Stream content, CancellationToken cancellationToken) => LargeAsync(token =>
    {
        var request = new PutObjectRequest
        {
            BucketName = Bucket,
            Key = key,
            ContentType = ContentType,
            InputStream = content,
            UseChunkEncoding = false,
            DisablePayloadSigning = IsEncrypted,
        };
        request.Metadata[By] = Us;
        return _s3.PutObjectAsync(request, token);
    }, cancellationToken);

    /// <summary>Begins a multipart upload, and returns its id.</summary>
    public Task<string> BeginPartsAsync(string key, CancellationToken cancellationToken) => SmallAsync(async token =>
    {
        var request = new InitiateMultipartUploadRequest { BucketName = Bucket, Key = key, ContentType = ContentType };
        return (await _s3.InitiateMultipartUploadAsync(request, token).ConfigureAwait(false)).UploadId;
    }, cancellationToken);

    /// <summary>Sends a part, from a stream that can seek, and returns its ETag. Sent again, it takes the place of the
    /// first.</summary>
    public Task<string> SendPartAsync(PartName part, Stream content, CancellationToken cancellationToken) => LargeAsync(async token =>
    {
        var request = new UploadPartRequest
        {
            BucketName = Bucket,
            Key = part.Key,
            UploadId = part.UploadId,
            PartNumber = part.Number,
            InputStream = content,
            PartSize = content.Length,
            UseChunkEncoding = false,
            DisablePayloadSigning = IsEncrypted,
        };
        return Unquoted((await _s3.UploadPartAsync(request, token).ConfigureAwait(false)).ETag);
    }, cancellationToken);

    /// <summary>Makes a part of a range of another object, and returns its ETag.</summary>
    public Task<string> CopyPartAsync(PartName part, string source, long first, long last, CancellationToken cancellationToken) =>
        LargeAsync(async token =>
        {
            var request = new CopyPartRequest
            {
                SourceBucket = Bucket,
                SourceKey = source,
                DestinationBucket = Bucket,
                DestinationKey = part.Key,
                UploadId = part.UploadId,
                PartNumber = part.Number,
                FirstByte = first,
                LastByte = last,
            };
            return Unquoted((await _s3.CopyPartAsync(request, token).ConfigureAwait(false)).ETag);
        }, cancellationToken);

    /// <summary>Makes an object of all parts; false when there is no such upload, for it was completed or aborted
    /// before.</summary>
    public Task<bool> TryCompletePartsAsync(
        string key, string uploadId, IReadOnlyList<string> etags, CancellationToken cancellationToken) => LargeAsync(async token =>
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = Bucket,
            Key = key,
            UploadId = uploadId,
            PartETags = [.. etags.Select((etag, index) => new PartETag(index + 1, etag))],
        };
        try
        {
            await _s3.CompleteMultipartUploadAsync(request, token).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception fault) when (S3Faults.IsNoSuchUpload(fault))
        {
            return false;
        }
    }, cancellationToken);

    /// <summary>Ends a multipart upload and deletes its parts. It must not be about to be completed: a store may then
    /// delete the object as well.</summary>
    public Task AbortPartsAsync(string key, string uploadId, CancellationToken cancellationToken) => SmallAsync(async token =>
    {
        try
        {
            await _s3.AbortMultipartUploadAsync(Bucket, key, uploadId, token).ConfigureAwait(false);
        }
        catch (AmazonS3Exception fault) when (S3Faults.IsNoSuchUpload(fault))
        {
            // It is gone already.
        }

        return true;
    }, cancellationToken);

    /// <summary>Lists open multipart uploads whose keys begin with a prefix.</summary>
    public async Task<IReadOnlyList<OpenParts>> ListPartsAsync(string prefix, CancellationToken cancellationToken)
    {
        var open = new List<OpenParts>();
        string? key = null;
        string? id = null;
        while (true)
        {
            ListMultipartUploadsResponse page = await SmallAsync(
                token => _s3.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest { BucketName = Bucket, Prefix = prefix, KeyMarker = key, UploadIdMarker = id }, token),
                cancellationToken).ConfigureAwait(false);
            open.AddRange((page.MultipartUploads ?? []).Select(one => new OpenParts(one.Key, one.UploadId, TimeOf(one.Initiated))));
            if (page.IsTruncated != true)
            {
                return open;
            }

            (key, id) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    /// <summary>Copies an object within the store; false when it does not exist. A copy onto itself makes it young.</summary>
    public async Task<bool> TryCopyAsync(string source, string target, long length, CancellationToken cancellationToken)
    {
        try
        {
            if (length > CopyBytesMax)
            {
                await CopyInPartsAsync(source, target, length, cancellationToken).ConfigureAwait(false);
                return true;
            }

            var request = new CopyObjectRequest
            {
                SourceBucket = Bucket,
                SourceKey = source,
                DestinationBucket = Bucket,
                DestinationKey = target,
                MetadataDirective = S3MetadataDirective.REPLACE,
                ContentType = ContentType,
            };
            request.Metadata[By] = Us;
            await LargeAsync(token => _s3.CopyObjectAsync(request, token), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Errors.BlobsException fault) when (fault.InnerException is AmazonS3Exception inner && S3Faults.IsNoSuchKey(inner))
        {
            return false;
        }
    }

    private bool IsEncrypted => _options.Endpoint?.Scheme != Uri.UriSchemeHttp;

    private async Task CopyInPartsAsync(string source, string target, long length, CancellationToken cancellationToken)
    {
        string uploadId = await BeginPartsAsync(target, cancellationToken).ConfigureAwait(false);
        DateTimeOffset beganAt = ServerTime;
        try
        {
            var etags = new string[(int)((length + CopyPartBytes - 1) / CopyPartBytes)];
            var options = new ParallelOptions { MaxDegreeOfParallelism = CopiesAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, etags.Length, options, async (index, token) =>
            {
                long first = index * CopyPartBytes;
                long last = Math.Min(first + CopyPartBytes, length) - 1;
                var part = new PartName(target, uploadId, index + 1);
                etags[index] = await CopyPartAsync(part, source, first, last, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
            if (ServerTime - beganAt >= CompletionTime)
            {
                throw new StorageUnavailableException($"{Place}: a copy within the store takes more than a day");
            }

            await TryCompletePartsAsync(target, uploadId, etags, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not StorageUnavailableException)
        {
            // What may still be on its way must not be aborted: garbage collection does that later.
            await AbortPartsAsync(target, uploadId, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private Task<T> LargeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        LimitedAsync(LargeRequestTime * (Retries + 1), call, cancellationToken);
}
