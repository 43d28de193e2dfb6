using System.Runtime.ExceptionServices;

namespace Blobs.Pipeline;

/// <summary>
/// The first thing that went wrong on any thread of a run. Later ones are only its consequences and are dropped.
/// </summary>
internal sealed class FirstFault
{
    private ExceptionDispatchInfo? _fault;

    public bool IsSet => Volatile.Read(ref _fault) is not null;

    public void Set(Exception fault) =>
        Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(fault), null);

    public void ThrowIfSet() => Volatile.Read(ref _fault)?.Throw();
}
