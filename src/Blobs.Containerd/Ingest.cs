using Blobs.Containerd.Api;
using Blobs.Hashing;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>The connection over which one blob is written. Each request has one answer, in order.</summary>
internal sealed class Ingest(Services services, string name, Digest? expected, long? total) : IDisposable
{
    /// <summary>How often a connection that was cut is opened again.</summary>
    public const int Attempts = 6;

    private AsyncDuplexStreamingCall<WriteContentRequest, WriteContentResponse>? _call;

    public Services Services => services;

    public long? Total => total;

    /// <summary>What names the blob until it has a digest.</summary>
    public string Reference { get; private set; } = name;

    /// <summary>How much containerd had when the connection was opened.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether containerd has the blob, though not from us.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Whether the connection was cut, so that it can be tried again. A call that has ended also refuses what is sent as
    /// cancelled, or as not allowed.</summary>
    public static bool IsCut(Exception fault, CancellationToken cancellationToken) => !cancellationToken.IsCancellationRequested
        && fault is InvalidOperationException or OperationCanceledException
            or RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Internal or StatusCode.Aborted };

    /// <summary>Waits before another attempt.</summary>
    public static Task WaitAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), cancellationToken);

    /// <summary>Opens the connection, and asks how much containerd has.</summary>
    /// <param name="isFirst">Whether nothing was sent yet. The blob is then written under a name of our own when somebody else
    /// writes it too.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task OpenAsync(bool isFirst, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await OpenOnceAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
            {
                IsCommitted = true;
                return;
            }
            catch (RpcException fault) when (isFirst && IsLocked(fault))
            {
                Reference += $"-{Guid.NewGuid():N}";
            }
            catch (Exception fault) when (isFirst && attempt < Attempts && IsCut(fault, cancellationToken))
            {
                await WaitAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a piece. Its bytes must stay until it is answered.</summary>
    public Task WriteAsync(Chunk chunk, CancellationToken cancellationToken) => _call!.RequestStream.WriteAsync(
        new WriteContentRequest { Action = WriteAction.Write, Ref = Reference, Offset = chunk.Offset, Data = chunk.Data },
        cancellationToken);

    /// <summary>Takes the next answer.</summary>
    public async Task<WriteContentResponse> AnswerAsync(CancellationToken cancellationToken) =>
        await _call!.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false)
            ? _call.ResponseStream.Current
            : throw new RpcException(new Status(StatusCode.Unavailable, "the connection ended"));

    /// <summary>Sends the last piece, and makes the blob appear.</summary>
    public async Task CommitAsync(
        Chunk last,
        Digest digest,
        long length,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken)
    {
        var request = new WriteContentRequest
        {
            Action = WriteAction.Commit,
            Ref = Reference,
            Offset = last.Offset,
            Data = last.Data,
            Total = length,
            Expected = $"{digest}",
            Labels = { labels.ToDictionary() },
        };
        try
        {
            await _call!.RequestStream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            await AnswerAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.AlreadyExists)
        {
            IsCommitted = true;
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.FailedPrecondition)
        {
            // What somebody began under this name is something else. It would be in the way of every other attempt.
            await services.Content.AbortAsync(new AbortRequest { Ref = Reference }, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            throw;
        }
    }

    public void Dispose() => _call?.Dispose();

    private async Task OpenOnceAsync(CancellationToken cancellationToken)
    {
        _call?.Dispose();
        _call = services.Content.Write(cancellationToken: cancellationToken);
        var request = new WriteContentRequest
        {
            Action = WriteAction.Stat,
            Ref = Reference,
            Total = total ?? 0,
            Expected = expected is { } digest ? $"{digest}" : "",
        };
        await _call.RequestStream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        Offset = (await AnswerAsync(cancellationToken).ConfigureAwait(false)).Offset;
    }

    private static bool IsLocked(RpcException fault) =>
        fault.StatusCode == StatusCode.Unavailable && fault.Status.Detail.Contains("locked", StringComparison.Ordinal);
}
