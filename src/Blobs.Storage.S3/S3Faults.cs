using System.Net;
using System.Net.Sockets;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <summary>Tells what an answer of the object store means. Only the code <c>NoSuchKey</c> means that an object does not
/// exist; whatever else goes wrong says nothing about that.</summary>
internal static class S3Faults
{
    /// <summary>Whether the store says that there is no such object.</summary>
    public static bool IsNoSuchKey(AmazonS3Exception fault) =>
        fault.StatusCode == HttpStatusCode.NotFound && fault.ErrorCode == "NoSuchKey";

    /// <summary>Whether the store says that there is no such multipart upload: it was completed or aborted.</summary>
    public static bool IsNoSuchUpload(AmazonS3Exception fault) =>
        fault.StatusCode == HttpStatusCode.NotFound && fault.ErrorCode == "NoSuchUpload";

    /// <summary>Whether a conditional write may or may not have happened: the object has to be read.</summary>
    public static bool IsUnsettled(AmazonS3Exception fault) =>
        fault.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict
        || IsNoSuchKey(fault)
        || (fault.StatusCode >= HttpStatusCode.InternalServerError && fault.StatusCode != HttpStatusCode.ServiceUnavailable);

    /// <summary>Whether the store has no answer to a question that need not be answered: the credentials do not suffice for
    /// it, or the store does not know it.</summary>
    public static bool IsNotForUs(AmazonS3Exception fault) =>
        fault.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotImplemented
            or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest;

    /// <summary>Whether an exception is one that <see cref="Explain"/> explains.</summary>
    public static bool IsOfStore(Exception fault, CancellationToken cancellationToken) =>
        fault is AmazonClientException or AmazonServiceException
        || fault is HttpRequestException or IOException or SocketException or TimeoutException or XmlException
        || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>The same fault as an exception of ours, in one line.</summary>
    /// <param name="place">The store, as <c>s3://BUCKET</c>, with the server if it is not AWS.</param>
    /// <param name="fault">The fault.</param>
    public static BlobsException Explain(string place, Exception fault) => fault switch
    {
        XmlException or AmazonUnmarshallingException =>
            new StorageUnavailableException($"{place}: the store's answer cannot be read", fault),
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden } denied => new StoreException(place, Denied(place, denied), fault),
        AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchBucket" } =>
            new NotFoundException(place, $"{place}: there is no such bucket"),
        AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchUpload" } =>
            new StorageUnavailableException($"{place}: the upload was finished or given up in the meantime", fault),
        AmazonServiceException busy when IsBusy(busy.StatusCode) =>
            new StorageUnavailableException($"{place}: the store answers {(int)busy.StatusCode} {busy.ErrorCode}", fault),
        AmazonServiceException foreign when IsWithoutReason(foreign) => NotS3(place, $"{(int)foreign.StatusCode}", fault),
        AmazonServiceException { StatusCode: HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect } =>
            new StoreException(place, $"{place}: the bucket is in another region", fault),
        AmazonServiceException { StatusCode: not 0 } other => new StoreException(
            place, $"{place}: the store answers {(int)other.StatusCode} {other.ErrorCode}: {OneLine(other.Message)}", fault),
        OperationCanceledException or TimeoutException =>
            new StorageUnavailableException($"{place}: the store does not answer in time", fault),
        _ when Cause<SocketException>(fault) is { } socket =>
            new StorageUnavailableException($"{place}: cannot reach the store: {OneLine(socket.Message)}", fault),
        _ when Cause<HttpRequestException>(fault) is { } http =>
            new StorageUnavailableException($"{place}: cannot reach the store: {OneLine(http.Message)}", fault),
        IOException cut => new StorageUnavailableException($"{place}: the connection to the store broke: {OneLine(cut.Message)}", fault),
        _ when IsAboutCredentials(fault) => new StoreException(
            place,
            $"{place}: no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
            fault),
        _ => new StorageUnavailableException($"{place}: {OneLine(fault.Message)}", fault),
    };

    /// <summary>The fault of a server that answers as no object store does.</summary>
    public static StoreException NotS3(string place, string answer, Exception? fault = null) =>
        new(place, $"{place}: the server answers {answer}, but not as S3 does: is this the address of an object store?", fault);

    // S3 gives a reason with every error; the SDK makes one of the status where there is none.
    private static bool IsWithoutReason(AmazonServiceException fault) =>
        fault.StatusCode is not (0 or HttpStatusCode.Forbidden) && fault.ErrorCode == $"{fault.StatusCode}";

    private static bool IsBusy(HttpStatusCode status) =>
        status is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    private static string Denied(string place, AmazonServiceException fault) => fault.ErrorCode switch
    {
        "InvalidAccessKeyId" => $"{place}: the store does not know the access key",
        "SignatureDoesNotMatch" => $"{place}: the secret key does not belong to the access key",
        "RequestTimeTooSkewed" => $"{place}: the clock of this host differs too much from the store's",
        "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => $"{place}: the session token has expired or is not valid",
        _ => $"{place}: access denied",
    };

    // The SDK has no type of its own for this.
    private static bool IsAboutCredentials(Exception fault) =>
        fault is AmazonClientException && fault.ToString().Contains("credentials", StringComparison.OrdinalIgnoreCase);

    private static T? Cause<T>(Exception? fault)
        where T : Exception
    {
        while (fault is not null and not T)
        {
            fault = fault.InnerException;
        }

        return (T?)fault;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
