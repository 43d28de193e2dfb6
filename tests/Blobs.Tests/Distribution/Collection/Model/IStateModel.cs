namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>A system whose every interleaving an <see cref="Explorer{TState}"/> visits.</summary>
/// <typeparam name="TState">All that the system's future depends on. It has no padding: its bytes are its
/// identity.</typeparam>
internal interface IStateModel<TState>
    where TState : unmanaged
{
    /// <summary>The states in which the system may begin.</summary>
    IEnumerable<(string Name, TState State)> Starts { get; }

    /// <summary>Adds whatever may happen next, to whomever.</summary>
    void AddSuccessors(in TState state, Successors<TState> next);

    /// <summary>Turns a state into the one that stands for all that behave alike.</summary>
    void Canonicalize(ref TState state);

    /// <summary>What is wrong with a state, or null.</summary>
    string? Violation(in TState state);
}
