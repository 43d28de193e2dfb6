using Blobs.Hashing.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Merges the whole tree, and computes the digest of every file's content if asked to.</summary>
internal sealed class TreeLister(ImageEntry root, bool hashesContent) : IMergeObserver, IDisposable
{
    private readonly Sha256Hasher _hasher = new();
    private ImageFile? _file;

    public bool IsDone { get; private set; }

    public void EndLayer(int layer) => IsDone = MergedTree.IsComplete(root, layer);

    public bool Begin(TarEntry raw, ImageFile file, ImageEntry? entry, ReadOnlySpan<byte> path)
    {
        _file = file;
        return hashesContent && ImageFile.IsRegular(raw.Type);
    }

    public void Content(ReadOnlySpan<byte> bytes) => _hasher.Append(bytes);

    public void End() => _file!.Content = _hasher.FinishDigest();

    public void Dispose() => _hasher.Dispose();
}
