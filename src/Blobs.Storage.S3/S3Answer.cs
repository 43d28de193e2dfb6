using Amazon.S3.Model;

namespace Blobs.Storage.S3;

/// <summary>An object that the store is sending. Whoever has it reads and disposes it.</summary>
internal sealed class S3Answer : IDisposable
{
    private readonly IDisposable _owner;

    private S3Answer(IDisposable owner, Stream content, long length, string etag, DateTimeOffset changedAt, string? nonce)
    {
        _owner = owner;
        Content = content;
        Length = length;
        ETag = etag;
        ChangedAt = changedAt;
        Nonce = nonce;
    }

    /// <summary>The bytes that were asked for.</summary>
    public Stream Content { get; }

    /// <summary>The number of those bytes.</summary>
    public long Length { get; }

    /// <summary>The version, without quotes.</summary>
    public string ETag { get; }

    /// <summary>When it was written, in whole seconds.</summary>
    public DateTimeOffset ChangedAt { get; }

    /// <summary>Which of our writes made it; null for one of somebody else.</summary>
    public string? Nonce { get; }

    /// <summary>The answer to a request of the SDK.</summary>
    public static S3Answer Of(GetObjectResponse found) => new(
        found, found.ResponseStream, found.ContentLength, S3Client.Unquoted(found.ETag), S3Client.TimeOf(found.LastModified),
        found.Metadata[S3Client.Nonce]);

    /// <summary>The answer to a request of our own, and its body.</summary>
    public static S3Answer Of(HttpResponseMessage found, S3Stat stat, Stream content)
    {
        string? nonce = found.Headers.TryGetValues($"x-amz-meta-{S3Client.Nonce}", out IEnumerable<string>? values)
            ? values.FirstOrDefault()
            : null;
        return new S3Answer(found, content, stat.Length, stat.ETag, stat.ChangedAt, nonce);
    }

    public void Dispose() => _owner.Dispose();
}
