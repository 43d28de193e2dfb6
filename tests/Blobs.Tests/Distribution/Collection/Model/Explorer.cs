namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// Visits every state that a model can reach, breadth first: the first violation found is among the shortest.
/// </summary>
internal sealed class Explorer<TState>
    where TState : unmanaged
{
    private readonly IStateModel<TState> _model;
    private readonly FingerprintSet<TState> _visited;
    private readonly Ancestry<TState>? _ancestry;
    private readonly Queue<TState> _waiting = [];
    private readonly Successors<TState> _next = new();
    private long _transitions;

    // The place of the state being looked at, in the order of discovery.
    private int _current = -1;

    private Explorer(IStateModel<TState> model, long expected, Ancestry<TState>? ancestry)
    {
        _model = model;
        _visited = new FingerprintSet<TState>(expected);
        _ancestry = ancestry;
    }

    /// <summary>Explores a model until every state was visited, or one is wrong.</summary>
    /// <param name="model">The model.</param>
    /// <param name="expected">How many states there are, about: what the table of visited states begins with.</param>
    public static Exploration Explore(IStateModel<TState> model, long expected = 0)
    {
        var explorer = new Explorer<TState>(model, expected, ancestry: null);
        string? violation = explorer.Run();
        string[] trace = violation is null ? [] : Tell(model);
        return new Exploration(explorer._visited.Count, explorer._transitions, violation, trace);
    }

    // Once more, now with memory spent on where each state came from.
    private static string[] Tell(IStateModel<TState> model)
    {
        var ancestry = new Ancestry<TState>(model);
        var explorer = new Explorer<TState>(model, expected: 0, ancestry);
        explorer.Run();
        return ancestry.TellOf(explorer._current);
    }

    private string? Run()
    {
        int start = 0;
        foreach ((_, TState state) in _model.Starts)
        {
            Discover(state, start++);
        }

        while (_waiting.TryDequeue(out TState state))
        {
            _current++;
            if (_model.Violation(state) is string violation)
            {
                return violation;
            }

            _next.Clear();
            _model.AddSuccessors(state, _next);
            _transitions += _next.Count;
            for (int choice = 0; choice < _next.Count; choice++)
            {
                Discover(_next[choice], choice);
            }
        }

        return null;
    }

    private void Discover(TState state, int choice)
    {
        _model.Canonicalize(ref state);
        if (_visited.Add(state))
        {
            _waiting.Enqueue(state);
            _ancestry?.Add(_current, choice);
        }
    }
}
