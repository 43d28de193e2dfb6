using System.Net;
using System.Runtime.InteropServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Blobs.Distribution.Storage;

namespace Blobs.Storage.S3;

/// <summary>
/// The requests that a registry makes to an object store. A null result means that the store said that the object does
/// not exist; everything else that goes wrong is an exception of ours.
/// </summary>
internal sealed partial class S3Client : IDisposable
{
    private const int Retries = 3;
    private const int SettleAttempts = 16;
    private const int SettlePauseMax = 100;
    private const string ContentType = "application/octet-stream";
    private const string DefaultRegion = "us-east-1";

    // Our objects say that they are ours, and which write made them.
    private const string By = "by";
    private const string Us = "blobs";
    internal const string Nonce = "nonce";

    // Longer than a part may take over a slow line.
    private static readonly TimeSpan LargeRequestTime = TimeSpan.FromSeconds(100);

    private readonly S3StorageOptions _options;
    private readonly S3Connection _connection;
    private readonly AmazonS3Client _s3;
    private readonly DirectReads _direct;
    private readonly KeyedTurns _turns = new();

    public S3Client(S3StorageOptions options)
    {
        _options = options;
        string bucket = $"s3://{options.Bucket}";
        Place = options.Endpoint is { } server ? $"{bucket} at {server.GetLeftPart(UriPartial.Authority)}" : bucket;
        _connection = new S3Connection(options.Clock);
        _direct = new DirectReads(_connection, FindAccessAsync, options.Clock);
        try
        {
            AmazonS3Config config = Configure(options, _connection);
            _s3 = options.Credentials is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
        }
        catch (Exception fault) when (S3Faults.IsOfStore(fault, CancellationToken.None))
        {
            _connection.Dispose();
            throw S3Faults.Explain(Place, fault);
        }
    }

    /// <summary>The store, as messages name it.</summary>
    public string Place { get; }

    /// <inheritdoc cref="S3Connection.ServerTime"/>
    public DateTimeOffset ServerTime => _connection.ServerTime;

    /// <inheritdoc cref="S3Connection.HasFreshTime"/>
    public bool HasFreshTime => _connection.HasFreshTime;

    /// <summary>What the store was found to do with conditions. Nothing relies on it before it was probed.</summary>
    public S3Conditions Conditions { get; set; } = S3Conditions.Plain;

    private string Bucket => _options.Bucket;

    public void Dispose()
    {
        _s3.Dispose();
        _connection.Dispose();
    }

    /// <summary>Writes an object, whatever was there.</summary>
    /// <returns>Its ETag.</returns>
    public Task<string> WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        SmallAsync(token => PutAsync(key, content, NewNonce(), static _ => { }, token), cancellationToken);

    /// <summary>Writes an object if there is none; of several at the same time, exactly one succeeds.</summary>
    /// <returns>Its ETag; null when another write was first.</returns>
    public Task<string?> TryCreateAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        TryWriteAsync(key, content, null, cancellationToken);

    /// <summary>Writes an object if it still is a certain version; of several at the same time, exactly one succeeds.</summary>
    /// <returns>Its new ETag; null when it was written or deleted in the meantime.</returns>
    public Task<string?> TryReplaceAsync(string key, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
        TryWriteAsync(key, content, etag, cancellationToken);

    /// <summary>Writes an object on a condition, once, and takes the answer as it is.</summary>
    /// <returns>Its ETag; null when the store refused, or does not know such conditions.</returns>
    public Task<string?> TryConditionAsync(string key, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancellationToken) =>
        SmallAsync<string?>(async token =>
        {
            try
            {
                return await PutAsync(key, content, NewNonce(), request => SetCondition(request, etag), token).ConfigureAwait(false);
            }
            catch (AmazonS3Exception fault) when (
                fault.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotImplemented)
            {
                return null;
            }
        }, cancellationToken);

    /// <summary>Deletes an object; it need not exist.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        SmallAsync(token => _s3.DeleteObjectAsync(Bucket, key, token), cancellationToken);

    /// <summary>An address from which anybody can read an object for some time.</summary>
    public async Task<Uri> SignAsync(string key, CancellationToken cancellationToken)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = key,
            Verb = HttpVerb.GET,
            Expires = _options.Clock.GetUtcNow().UtcDateTime + _options.AddressLifetime,
            Protocol = _options.Endpoint?.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS,
        };
        return new Uri(await SmallAsync(_ => _s3.GetPreSignedURLAsync(request), cancellationToken).ConfigureAwait(false));
    }

    private static AmazonS3Config Configure(S3StorageOptions options, S3Connection connection)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = connection,
            Timeout = LargeRequestTime,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = Retries,

            // The checksums that the SDK would like to add are more than many servers understand.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? DefaultRegion;
            config.ForcePathStyle = options.PathStyle || endpoint.HostNameType is not UriHostNameType.Dns || endpoint.IsLoopback;
        }
        else
        {
            config.RegionEndpoint = options.Region is { } region
                ? RegionEndpoint.GetBySystemName(region)
                : FallbackRegionFactory.GetRegionEndpoint() ?? RegionEndpoint.USEast1;
            config.ForcePathStyle = options.PathStyle;
        }

        return config;
    }

    internal static string Unquoted(string? etag) => etag?.Trim('"') ?? "";

    // Lists know fractions of a second, other answers do not: one object has one time. Without one it counts as new, and
    // nothing that is new is deleted.
    internal static DateTimeOffset TimeOf(DateTime? time) => time is { } known
        ? DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(known.ToUniversalTime()).ToUnixTimeSeconds())
        : DateTimeOffset.MaxValue;

    private static string NewNonce() => $"{Guid.NewGuid():n}";

    private async Task<string?> TryWriteAsync(string key, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancellationToken)
    {
        if (!Conditions.AreKept)
        {
            return await TryWriteAloneAsync(key, content, etag, cancellationToken).ConfigureAwait(false);
        }

        string nonce = NewNonce();
        for (int attempt = 0; attempt < SettleAttempts; attempt++)
        {
            string? written = await SmallAsync(token => PutIfAsync(key, content, etag, nonce, token), cancellationToken)
                .ConfigureAwait(false);
            if (written is not null)
            {
                return written;
            }

            // The SDK may have sent the request twice: then the second was refused because of the first.
            S3Object? found = await ReadAsync(key, int.MaxValue, cancellationToken).ConfigureAwait(false);
            if (found?.Nonce == nonce)
            {
                return found.ETag;
            }

            if (found?.ETag != etag)
            {
                return null;
            }

            // Ceph may refuse all of those who write one object at once, and none of them would ever win by haste.
            await Task.Delay(Random.Shared.Next(SettlePauseMax), cancellationToken).ConfigureAwait(false);
        }

        throw new StorageUnavailableException($"{Place}: cannot find out whether {key} was written");
    }

    // Null: the condition was not met, or nobody knows.
    private async Task<string?> PutIfAsync(
        string key, ReadOnlyMemory<byte> content, string? etag, string nonce, CancellationToken cancellationToken)
    {
        try
        {
            return await PutAsync(key, content, nonce, request => SetCondition(request, etag), cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception fault) when (S3Faults.IsUnsettled(fault))
        {
            return null;
        }
    }

    private void SetCondition(PutObjectRequest request, string? etag)
    {
        if (etag is null)
        {
            request.IfNoneMatch = "*";
        }
        else
        {
            request.IfMatch = Conditions.Form(etag);
        }
    }

    // A store that ignores conditions serves one process, where writers of one key take turns.
    private async Task<string?> TryWriteAloneAsync(
        string key, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancellationToken)
    {
        using IDisposable turn = await _turns.EnterAsync(key, cancellationToken).ConfigureAwait(false);
        S3Stat? found = await StatAsync(key, cancellationToken).ConfigureAwait(false);
        return found?.ETag == etag ? await WriteAsync(key, content, cancellationToken).ConfigureAwait(false) : null;
    }

    private async Task<string> PutAsync(
        string key, ReadOnlyMemory<byte> content, string nonce, Action<PutObjectRequest> configure, CancellationToken cancellationToken)
    {
        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(content, out ArraySegment<byte> array) ? array : content.ToArray();
        var request = new PutObjectRequest
        {
            BucketName = Bucket,
            Key = key,
            ContentType = ContentType,
            InputStream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false),
            UseChunkEncoding = false,
        };
        request.Metadata[By] = Us;
        request.Metadata[Nonce] = nonce;
        configure(request);
        return Unquoted((await _s3.PutObjectAsync(request, cancellationToken).ConfigureAwait(false)).ETag);
    }

    private Task<T> SmallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        LimitedAsync(_options.RequestTime, call, cancellationToken);

    private async Task<T> LimitedAsync<T>(TimeSpan time, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        try
        {
            return await call(limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (S3Faults.IsOfStore(fault, cancellationToken))
        {
            throw S3Faults.Explain(Place, fault);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }
}
