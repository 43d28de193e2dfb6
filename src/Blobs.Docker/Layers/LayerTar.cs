using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tar;
using Blobs.TarSplit;
using Blobs.Trees.Internal;

namespace Blobs.Docker.Layers;

/// <summary>A layer's original tar, rebuilt as it is read. Owns the recording and the tree's handles.</summary>
internal sealed class LayerTar : ITarSource, IDisposable
{
    private readonly RootLock _taken;
    private readonly TarSplitReader _recording;
    private readonly TreeFiles _tree;
    private readonly TarReplayer _replayer;

    /// <param name="layer">The layer.</param>
    /// <param name="taken">Keeps the layer in the store; disposed with this.</param>
    /// <param name="recording">Its recording; disposed with this.</param>
    /// <param name="tree">The directory with its files.</param>
    /// <param name="limits">How deep paths may go.</param>
    public LayerTar(Layer layer, RootLock taken, TarSplitReader recording, string tree, Limits limits)
    {
        Layer = layer;
        _taken = taken;
        _recording = recording;
        _tree = new TreeFiles(tree, limits);
        _replayer = new TarReplayer(recording, _tree);
    }

    public Layer Layer { get; }

    /// <summary>Bytes read so far.</summary>
    public long Offset => _replayer.Offset;

    /// <inheritdoc/>
    public int Read(Span<byte> target) => _replayer.Read(target);

    /// <summary>Checks what all of it was found to be.</summary>
    /// <exception cref="DigestMismatchException">What came out is not what once came in.</exception>
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
        _taken.Dispose();
    }
}
