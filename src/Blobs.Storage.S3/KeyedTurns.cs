namespace Blobs.Storage.S3;

/// <summary>Turns of this process by name. Names that share a turn only wait longer.</summary>
internal sealed class KeyedTurns
{
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<IDisposable> EnterAsync(string name, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns[(uint)string.GetHashCode(name, StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
