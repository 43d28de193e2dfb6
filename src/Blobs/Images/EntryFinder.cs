using Blobs.Buffers;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Finds one entry while layers are merged, and copies its content as it passes if asked to.</summary>
/// <param name="search">Looks it up.</param>
/// <param name="target">Receives the content; null when only the entry is wanted.</param>
internal sealed class EntryFinder(PathSearch search, IByteSink? target) : IMergeObserver
{
    private bool _isCopying;

    /// <summary>The lowest layer that was read to its end.</summary>
    public int Layer { get; set; }

    public bool IsDone { get; private set; }

    /// <summary>Whether the content was copied.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Goes on after a layer; done when the lower ones cannot add anything.</summary>
    public void EndLayer(int layer)
    {
        Layer = layer;
        if (search.Found is null)
        {
            search.GoOn(layer);
        }

        IsDone |= search.Found is { } entry && !entry.File.IsMissing
            && (!entry.File.IsDirectory || MergedTree.IsComplete(entry, layer));
    }

    public bool Begin(TarEntry raw, ImageFile file, ImageEntry? entry, ReadOnlySpan<byte> path)
    {
        if (search.CanGoOn)
        {
            search.GoOn(Layer);
        }

        if (search.Found is not { File: { IsDirectory: false, IsMissing: false } found })
        {
            return false;
        }

        // A link may lead to a file that has passed; then its layer is read again.
        _isCopying = target is not null && found == file && found.Type == TarEntryType.File && raw.Type != TarEntryType.HardLink;
        IsDone = !_isCopying;
        return _isCopying;
    }

    public void Content(ReadOnlySpan<byte> bytes) => target!.Write(bytes);

    public void End()
    {
        HasContent = true;
        IsDone = true;
    }
}
