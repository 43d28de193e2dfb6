using System.Collections.Concurrent;

namespace Blobs.Distribution.Storage;

/// <summary>States of the uploads that this process knows. Only one request at a time uses each.</summary>
internal sealed class UploadStates
{
    // A state takes half a kilobyte. When one is dropped, its upload is hashed again from the storage.
    private const int CountMax = 4096;

    private readonly ConcurrentDictionary<string, UploadState> _states = new(StringComparer.Ordinal);

    /// <summary>Waits until no other request uses the upload: the previous request may not have noticed yet that its
    /// client has disconnected.</summary>
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
