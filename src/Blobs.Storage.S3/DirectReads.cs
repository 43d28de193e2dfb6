using System.Net;
using System.Text;
using Amazon.Runtime;

namespace Blobs.Storage.S3;

/// <summary>
/// Reads objects by requests of our own. A registry reads several small objects for each request of a client, and the SDK
/// takes about as long over one as the store does. Only plain answers are taken: whatever else happens, the caller asks the
/// SDK, which repeats requests, renews credentials and knows what a refusal means.
/// </summary>
internal sealed class DirectReads(S3Connection connection, Func<CancellationToken, Task<DirectAccess>> findAccess, TimeProvider clock)
{
    private const string NoSuchKey = "<Code>NoSuchKey</Code>";
    private const int ErrorBytesMax = 4096;

    // A store that refuses our requests, but not the SDK's, costs one request too many a minute.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private DirectAccess? _access;
    private long _refusedAt;

    /// <summary>Begins to read an object.</summary>
    /// <param name="key">The key.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<DirectAnswer<S3Answer?>> GetAsync(string key, long offset, CancellationToken cancellationToken)
    {
        HttpResponseMessage? answer = null;
        try
        {
            answer = await SendAsync(HttpMethod.Get, key, offset, cancellationToken).ConfigureAwait(false);
            if (answer is null)
            {
                return default;
            }

            HttpStatusCode expected = offset == 0 ? HttpStatusCode.OK : HttpStatusCode.PartialContent;
            if (answer.StatusCode == expected && StatOf(answer) is { } stat)
            {
                Stream content = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                var found = S3Answer.Of(answer, stat, content);
                answer = null;
                return new DirectAnswer<S3Answer?>(true, found);
            }

            bool isAbsent = answer.StatusCode == HttpStatusCode.NotFound
                && await SaysNoSuchKeyAsync(answer, cancellationToken).ConfigureAwait(false);
            return new DirectAnswer<S3Answer?>(isAbsent, null);
        }
        catch (Exception fault) when (S3Faults.IsOfStore(fault, cancellationToken))
        {
            return default;
        }
        finally
        {
            answer?.Dispose();
        }
    }

    /// <summary>Asks for what the store knows of an object; null when something is not there, which may be the bucket.</summary>
    public async Task<DirectAnswer<S3Stat?>> HeadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage? answer =
                await SendAsync(HttpMethod.Head, key, 0, cancellationToken).ConfigureAwait(false);
            return answer?.StatusCode switch
            {
                HttpStatusCode.OK when StatOf(answer) is { } stat => new DirectAnswer<S3Stat?>(true, stat),
                HttpStatusCode.NotFound => new DirectAnswer<S3Stat?>(true, null),
                _ => default,
            };
        }
        catch (Exception fault) when (S3Faults.IsOfStore(fault, cancellationToken))
        {
            return default;
        }
    }

    // Null when it is not worth trying.
    private async Task<HttpResponseMessage?> SendAsync(
        HttpMethod method, string key, long offset, CancellationToken cancellationToken)
    {
        if (Interlocked.Read(ref _refusedAt) is not 0 and var refusedAt && clock.GetElapsedTime(refusedAt) < Pause)
        {
            return null;
        }

        DirectAccess access = _access ??= await findAccess(cancellationToken).ConfigureAwait(false);
        ImmutableCredentials credentials = await access.Credentials.GetCredentialsAsync().ConfigureAwait(false);
        using var request = new HttpRequestMessage(method, access.AddressOf(key));
        SignedRequests.Authorize(request, credentials, access.Region, connection.ServerTime);
        if (offset > 0)
        {
            request.Headers.Range = new(offset, null);
        }

        HttpResponseMessage answer = await connection.Http
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            || (answer.StatusCode is >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest))
        {
            // The credentials may be new, or the bucket may be somewhere else.
            _access = null;
            Interlocked.Exchange(ref _refusedAt, clock.GetTimestamp());
        }

        return answer;
    }

    private static S3Stat? StatOf(HttpResponseMessage answer) =>
        answer.Content.Headers is { ContentLength: { } length, LastModified: { } changedAt } && answer.Headers.ETag is { } etag
            ? new S3Stat(length, S3Client.Unquoted(etag.Tag), changedAt)
            : null;

    private static async Task<bool> SaysNoSuchKeyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentLength is null or > ErrorBytesMax)
        {
            return false;
        }

        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(body).Contains(NoSuchKey, StringComparison.Ordinal);
    }
}

/// <summary>What a request of our own has found out.</summary>
/// <param name="IsPlain">Whether it has; otherwise the SDK has to be asked.</param>
/// <param name="Found">What it found.</param>
internal readonly record struct DirectAnswer<T>(bool IsPlain, T Found);

/// <summary>What a request of our own needs.</summary>
/// <param name="Bucket">The address of the bucket, up to and including the slash before a key.</param>
/// <param name="Region">The region that signatures name.</param>
/// <param name="Credentials">The credentials, which renew themselves where they end.</param>
internal sealed record DirectAccess(string Bucket, string Region, AWSCredentials Credentials)
{
    /// <summary>The address of an object.</summary>
    public Uri AddressOf(string key) =>
        new(Bucket + Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal));
}
