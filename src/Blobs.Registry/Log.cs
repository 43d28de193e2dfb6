using Blobs.Hashing;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary>The messages that a registry logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "pushed blob {Repository}@{Digest}, {Bytes} bytes")]
    public static partial void BlobPushed(ILogger log, string repository, Digest digest, long bytes);

    [LoggerMessage(2, LogLevel.Information, "mounted blob {Repository}@{Digest} from {From}")]
    public static partial void BlobMounted(ILogger log, string repository, Digest digest, string from);

    [LoggerMessage(3, LogLevel.Information, "deleted blob {Repository}@{Digest}")]
    public static partial void BlobDeleted(ILogger log, string repository, Digest digest);

    [LoggerMessage(4, LogLevel.Information, "pushed manifest {Repository} {Reference}: {Digest}, {MediaType}")]
    public static partial void ManifestPushed(ILogger log, string repository, string reference, Digest digest, string mediaType);

    [LoggerMessage(5, LogLevel.Information, "deleted manifest {Repository} {Reference}")]
    public static partial void ManifestDeleted(ILogger log, string repository, string reference);

    [LoggerMessage(6, LogLevel.Debug, "client disconnected: {Method} {Path}")]
    public static partial void ClientGone(ILogger log, string method, string path);

    [LoggerMessage(7, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void Failed(ILogger log, Exception fault, string method, string path);

    [LoggerMessage(8, LogLevel.Error, "{Method} {Path} failed while the answer was being sent")]
    public static partial void BrokenOff(ILogger log, Exception fault, string method, string path);

    [LoggerMessage(9, LogLevel.Warning, "the storage does not answer, requests get 503 until it does: {Why}")]
    public static partial void StorageAway(ILogger log, string why);

    [LoggerMessage(10, LogLevel.Information, "the storage answers")]
    public static partial void StorageIsBack(ILogger log);

    [LoggerMessage(11, LogLevel.Error, "the storage cannot be used: {Why}")]
    public static partial void StorageUnusable(ILogger log, string why);

    [LoggerMessage(12, LogLevel.Warning, "one host: the storage does not support conditional writes, so no other host may serve it")]
    public static partial void OneHost(ILogger log);

    [LoggerMessage(13, LogLevel.Warning, "{Method} {Path}: {Why}")]
    public static partial void Unavailable(ILogger log, string method, string path, string why);

    [LoggerMessage(14, LogLevel.Warning, "the record of this host stays in the storage for a while: {Why}")]
    public static partial void NotWithdrawn(ILogger log, string why);

    [LoggerMessage(
        15, LogLevel.Information,
        "collected garbage: {Blobs} blobs ({Bytes} bytes), {Manifests} manifests, {Tags} tags, {Uploads} uploads")]
    public static partial void Collected(ILogger log, long blobs, long bytes, long manifests, long tags, long uploads);

    [LoggerMessage(16, LogLevel.Information, "garbage is being collected by another process already")]
    public static partial void CollectionElsewhere(ILogger log);

    [LoggerMessage(17, LogLevel.Error, "garbage was not collected: {Why}")]
    public static partial void CollectionFailed(ILogger log, string why);

    [LoggerMessage(18, LogLevel.Warning, "another program writes to the storage: collecting garbage meanwhile may break its pushes")]
    public static partial void ForeignWriter(ILogger log);

    [LoggerMessage(
        19, LogLevel.Warning,
        "the storage keeps versions of what is deleted: collecting garbage frees no space until a lifecycle rule removes them")]
    public static partial void KeepsDeleted(ILogger log);
}
