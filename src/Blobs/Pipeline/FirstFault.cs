using System.Runtime.ExceptionServices;
using Blobs.Errors;

namespace Blobs.Pipeline;

/// <summary>
/// The first thing that went wrong on any thread of a run. Later ones are only its consequences and are dropped, with one exception: a
/// damaged compressed stream shows first as a tar that makes no sense, and then the damage is what must be reported.
/// </summary>
internal sealed class FirstFault
{
    private ExceptionDispatchInfo? _fault;
    private volatile bool _isCause;

    public bool IsSet => Volatile.Read(ref _fault) is not null;

    public void Set(Exception fault) =>
        Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(fault), null);

    /// <summary>Whether what went wrong is the tar, which may be only a symptom.</summary>
    public bool IsMalformedTar => !_isCause && Volatile.Read(ref _fault)?.SourceException is MalformedDataException;

    /// <summary>The compressed stream is damaged, or asks for too much: the first fault, or the cause in place of its symptom.</summary>
    public void SetCause(BlobsException cause)
    {
        Set(cause);
        if (IsMalformedTar)
        {
            _isCause = true;
            Volatile.Write(ref _fault, ExceptionDispatchInfo.Capture(cause));
        }
    }

    public void ThrowIfSet() => Volatile.Read(ref _fault)?.Throw();
}
