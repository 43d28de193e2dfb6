using System.Runtime.ExceptionServices;
using Blobs.Errors;

namespace Blobs.Pipeline;

/// <summary>
/// The first fault on any thread of a run. Later ones are its consequences and are dropped, with one exception: a
/// damaged compressed stream often shows first as a malformed tar, and then the damage is reported instead.
/// </summary>
internal sealed class FirstFault
{
    private ExceptionDispatchInfo? _fault;
    private volatile bool _isCause;

    public bool IsSet => Volatile.Read(ref _fault) is not null;

    public void Set(Exception fault) =>
        Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(fault), null);

    /// <summary>Whether the fault is a malformed tar, which may be only a symptom.</summary>
    public bool IsMalformedTar => !_isCause && Volatile.Read(ref _fault)?.SourceException is MalformedDataException;

    /// <summary>Sets the fault of the compressed stream, which replaces that of the tar.</summary>
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
