using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>The stores that the images of one call are in. Each is opened once, when the first image of it is
/// needed.</summary>
internal sealed class OpenedStores(Func<ImagePlace?, Task<ImageStore>> open) : IDisposable
{
    private readonly List<(ImagePlace? Place, ImageStore Store)> _opened = [];

    /// <summary>The store of an image.</summary>
    public async Task<ImageStore> OfAsync(StoredName name)
    {
        if (_opened.Find(item => item.Place == name.Store) is { Store: { } known })
        {
            return known;
        }

        ImageStore store = await open(name.Store).ConfigureAwait(false);
        _opened.Add((name.Store, store));
        return store;
    }

    public void Dispose() => _opened.ForEach(item => item.Store.Dispose());
}
