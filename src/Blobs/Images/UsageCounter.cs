using Blobs.Hashing.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Counts what each layer adds, and finds the files in it that nobody sees.</summary>
internal sealed class UsageCounter : IMergeObserver, IDisposable
{
    private const int HiddenMax = 100;

    private readonly MergedTree _tree;
    private readonly LayerUsage[] _layers;
    private readonly PriorityQueue<HiddenFile, long> _hidden = new();
    private readonly Sha256Hasher _hasher = new();
    private ImageFile? _file;
    private byte[]? _hiddenPath;

    public UsageCounter(MergedTree tree, IReadOnlyList<ImageLayer> layers)
    {
        _tree = tree;
        _layers = [.. layers.Select((layer, index) => new LayerUsage
        {
            Index = index,
            DiffId = layer.DiffId,
            Length = layer.Descriptor?.Size ?? layer.GetLength(),
        })];
    }

    public bool IsDone => false;

    public bool Begin(TarEntry raw, ImageFile file, ImageEntry? entry, ReadOnlySpan<byte> path)
    {
        if (!ImageFile.IsRegular(raw.Type))
        {
            return false;
        }

        LayerUsage layer = _layers[file.Layer];
        layer.FileCount++;
        layer.FileBytes += file.Size;
        _file = file;
        _hiddenPath = entry is null ? path.ToArray() : null;
        return true;
    }

    public void Content(ReadOnlySpan<byte> bytes) => _hasher.Append(bytes);

    public void End()
    {
        _file!.Content = _hasher.FinishDigest();
        if (_hiddenPath is not null)
        {
            AddHidden(_file, _hiddenPath);
        }
    }

    public ImageUsage Finish()
    {
        var hidden = new List<HiddenFile>(_hidden.Count);
        while (_hidden.TryDequeue(out HiddenFile? file, out _))
        {
            hidden.Add(file);
        }

        hidden.Reverse();
        return new ImageUsage(_tree.Root, _layers, hidden);
    }

    public void Dispose() => _hasher.Dispose();

    // A hidden file may still be seen by a hard link.
    private void AddHidden(ImageFile file, byte[] path)
    {
        if (file.LinkCount > 0)
        {
            return;
        }

        ImageFile? above = _tree.Find(path)?.Visible;
        bool isReplaced = above is { Type: TarEntryType.File };
        bool isRepeated = isReplaced && above!.Content == file.Content;
        LayerUsage layer = _layers[file.Layer];
        layer.HiddenBytes += file.Size;
        layer.RepeatedBytes += isRepeated ? file.Size : 0;
        _hidden.Enqueue(new HiddenFile([(byte)'/', .. path], file.Size, file.Layer, isReplaced, isRepeated), file.Size);
        if (_hidden.Count > HiddenMax)
        {
            _hidden.Dequeue();
        }
    }
}
