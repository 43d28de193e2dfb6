using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tar;
using Blobs.TarSplit;
using Blobs.Trees.Internal;

namespace Blobs.Docker.Layers;

/// <summary>A layer's original tar, rebuilt as it is read. Owns the recording and the tree's handles.</summary>
internal sealed class LayerTar : ITarSource, IDisposable
{
    private readonly RootLock _rootLock;
    private readonly TarSplitReader _recording;
    private readonly TreeFiles _tree;
    private readonly TarReplayer _replayer;

    /// <param name="layer">The layer.</param>
    /// <param name="rootLock">The lock that keeps the layer in the store; disposed with this object.</param>
    /// <param name="recording">The layer's recording; disposed with this object.</param>
    /// <param name="tree">The directory with the layer's files.</param>
    /// <param name="limits">Limits the depth of paths.</param>
    public LayerTar(Layer layer, RootLock rootLock, TarSplitReader recording, string tree, Limits limits)
    {
        Layer = layer;
        _rootLock = rootLock;
        _recording = recording;
        _tree = new TreeFiles(tree, limits);
        _replayer = new TarReplayer(recording, _tree);
    }

    public Layer Layer { get; }

    /// <summary>The number of bytes read so far.</summary>
    public long Offset => _replayer.Offset;

    /// <inheritdoc/>
    public int Read(Span<byte> target) => _replayer.Read(target);

    /// <summary>Verifies the DiffID of the whole tar.</summary>
    /// <exception cref="DigestMismatchException">The rebuilt tar differs from the original.</exception>
    public void Verify(DiffId found)
    {
        if (found != Layer.DiffId)
        {
            throw new DigestMismatchException($"layer {Layer.ChainId}: DiffID", $"{Layer.DiffId}", $"{found}", Offset);
        }
    }

    public void Dispose()
    {
        _tree.Dispose();
        _recording.Dispose();
        _rootLock.Dispose();
    }
}
