using System.Collections.Concurrent;

namespace Blobs.Distribution.Storage;

/// <summary>The uploads that this process knows, each used by one request at a time.</summary>
internal sealed class UploadStates
{
    // Half a kilobyte each. Whoever is forgotten is hashed again from the storage.
    private const int CountMax = 4096;

    private readonly ConcurrentDictionary<string, UploadState> _states = new(StringComparer.Ordinal);

    /// <summary>Waits for an upload's turn: the request before may not have noticed yet that its client is gone.</summary>
    public async ValueTask<UploadState> EnterAsync(string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            UploadState state = _states.GetOrAdd(key, static key => new UploadState(key));
            await state.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!state.IsForgotten)
            {
                return state;
            }

            state.Turn.Release();
        }
    }

    public void Leave(UploadState state, bool isEnded)
    {
        state.LastUse = Environment.TickCount64;
        if (isEnded)
        {
            Forget(state);
        }

        state.Turn.Release();
        if (_states.Count > CountMax)
        {
            ForgetOldest();
        }
    }

    private void Forget(UploadState state)
    {
        state.IsForgotten = true;
        _states.TryRemove(state.Key, out _);
    }

    private void ForgetOldest()
    {
        foreach (UploadState state in _states.Values.OrderBy(state => state.LastUse).Take(CountMax / 4))
        {
            if (!state.Turn.Wait(0))
            {
                continue;
            }

            Forget(state);
            state.Turn.Release();
        }
    }
}
