namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>What may happen next in a state, each move with the state that it leads to.</summary>
internal sealed class Successors<TState>
    where TState : unmanaged
{
    private (Move Move, TState State)[] _items = new (Move, TState)[16];

    public int Count { get; private set; }

    /// <summary>Gets the place of one successor's state.</summary>
    public ref TState this[int index] => ref _items[index].State;

    public Move MoveTo(int index) => _items[index].Move;

    public void Clear() => Count = 0;

    public void Add(Move move, in TState state)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, 2 * Count);
        }

        _items[Count++] = (move, state);
    }
}
