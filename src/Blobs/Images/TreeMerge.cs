namespace Blobs.Images;

/// <summary>Merges layers from the top down until an observer is done.</summary>
internal sealed class TreeMerge(LayerReader reader)
{
    private readonly Dictionary<byte[], ImageFile> _missing = new(NameComparer.Instance);

    /// <summary>The tree of the layers read so far.</summary>
    public MergedTree Tree { get; } = new(reader.Options.Limits);

    /// <summary>Reads the layers.</summary>
    /// <param name="observer">Watches, and says when it is done.</param>
    /// <param name="endLayer">Runs before the first layer and after each: gets the lowest layer that is complete (0 after
    /// the last, even if a layer that is there twice was left out), and the index of the layer just read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="downTo">The lowest layer to read.</param>
    public async Task RunAsync(
        IMergeObserver observer, Func<int, int, Task> endLayer, CancellationToken cancellationToken, int downTo = 0)
    {
        int[] order = [.. reader.FromTop().Where(index => index >= downTo)];
        int previous = reader.Layers.Count;
        await endLayer(order.Length == 0 ? downTo : previous, previous).ConfigureAwait(false);
        for (int position = 0; position < order.Length && !observer.IsDone; position++)
        {
            int index = order[position];
            LayerMerge layer = Begin(index, observer);
            await reader.ReadAsync(index, layer, () => observer.IsDone, cancellationToken).ConfigureAwait(false);
            layer.Release();
            if (!observer.IsDone)
            {
                await endLayer(position == order.Length - 1 ? downTo : index, index).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Begins a layer that somebody else reads.</summary>
    public LayerMerge Begin(int index, IMergeObserver observer) => new(Tree, index, observer, _missing, reader.Options.Limits);
}
