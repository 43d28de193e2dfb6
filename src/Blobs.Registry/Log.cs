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
}
