namespace Blobs.Distribution.Storage;

/// <summary>Lets one request of this process at a time use an upload: the previous one may not have noticed yet that its
/// client has disconnected. Requests to other hosts are the storage's matter.</summary>
internal sealed class UploadTurns
{
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Waits until no other request uses the upload. Disposing the result lets the next one in.</summary>
    public async ValueTask<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        Turn turn;
        lock (_turns)
        {
            turn = _turns.TryGetValue(key, out Turn? known) ? known : new Turn(this, key);
            _turns[key] = turn;
            turn.Requests++;
        }

        try
        {
            await turn.Free.WaitAsync(cancellationToken).ConfigureAwait(false);
            return turn;
        }
        catch
        {
            Leave(turn);
            throw;
        }
    }

    private void Leave(Turn turn)
    {
        lock (_turns)
        {
            if (--turn.Requests == 0)
            {
                _turns.Remove(turn.Key);
            }
        }
    }

    private sealed class Turn(UploadTurns all, string key) : IDisposable
    {
        public string Key => key;

        public SemaphoreSlim Free { get; } = new(1, 1);

        /// <summary>Requests that use the upload, or wait for it.</summary>
        public int Requests { get; set; }

        public void Dispose()
        {
            Free.Release();
            all.Leave(this);
        }
    }
}
