namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// Remembers where each state came from, so that a wrong one can be told as the moves that lead there.
/// </summary>
internal sealed class Ancestry<TState>(IStateModel<TState> model)
    where TState : unmanaged
{
    private readonly List<(int Parent, int Choice)> _origins = [];
    private readonly Successors<TState> _next = new();

    /// <summary>Adds the state that was discovered next.</summary>
    /// <param name="parent">The place of the state that it follows, or -1.</param>
    /// <param name="choice">Which of that state's successors it is; which of the starts, without a parent.</param>
    public void Add(int parent, int choice) => _origins.Add((parent, choice));

    /// <summary>Tells how the state at a place came about.</summary>
    public string[] TellOf(int place)
    {
        var choices = new Stack<int>();
        for (int one = place; one >= 0; one = _origins[one].Parent)
        {
            choices.Push(_origins[one].Choice);
        }

        (string name, TState told) = model.Starts.ElementAt(choices.Pop());
        TState canonical = told;
        model.Canonicalize(ref canonical);
        var lines = new List<string> { $"start: {name}" };
        foreach (int choice in choices)
        {
            canonical = Successor(canonical, choice);
            (Move move, told) = MoveTowards(canonical, told);
            lines.Add(move.ToString());
        }

        return [.. lines];
    }

    private TState Successor(in TState state, int choice)
    {
        _next.Clear();
        model.AddSuccessors(state, _next);
        TState successor = _next[choice];
        model.Canonicalize(ref successor);
        return successor;
    }

    // What is told does not swap hosts as canonical states do: A stays A.
    private (Move Move, TState State) MoveTowards(TState canonical, in TState told)
    {
        _next.Clear();
        model.AddSuccessors(told, _next);
        for (int index = 0; index < _next.Count; index++)
        {
            TState candidate = _next[index];
            model.Canonicalize(ref candidate);
            if (StateBytes.Compare(candidate, canonical) == 0)
            {
                return (_next.MoveTo(index), _next[index]);
            }
        }

        throw new InvalidOperationException("States that are said to behave alike do not.");
    }
}
