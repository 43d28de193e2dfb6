using Microsoft.Extensions.Logging;

namespace Blobs.Distribution.Client;

/// <summary>What the client logs. Addresses have no query, which may be secret.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Method} {Address}: {Status} after {Milliseconds} ms")]
    public static partial void Answered(ILogger log, string method, string address, int status, long milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "{Method} {Address}: no answer after {Milliseconds} ms: {Reason}")]
    public static partial void Unanswered(ILogger log, string method, string address, long milliseconds, string reason);

    [LoggerMessage(3, LogLevel.Information, "A request failed for now ({Reason}); attempt {Attempt} follows in {Delay}")]
    public static partial void Retrying(ILogger log, string reason, int attempt, TimeSpan delay);

    [LoggerMessage(4, LogLevel.Warning, "The mirror {Mirror} failed, so the registry is asked: {Reason}")]
    public static partial void MirrorLeft(ILogger log, string mirror, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Continuing without credentials for {Registry}: {Reason}")]
    public static partial void NoCredentials(ILogger log, string registry, string reason);
}
