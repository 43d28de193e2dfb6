using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Streams;
using Blobs.TarSplit;

namespace Blobs.Layers;

/// <summary>
/// A layer's tar for whoever pulls: rebuilt as it is read, hashed on the way, and its end only reported once the DiffID is right. Owns
/// the recording and the tree's handles.
/// </summary>
internal sealed class LayerTarStream : ReadOnlyStream
{
    private readonly Layer _layer;
    private readonly RootLock _taken;
    private readonly TarSplitReader _recording;
    private readonly LayerTree _tree;
    private readonly TarReplayer _replayer;
    private readonly Sha256Hasher _hasher = new();
    private bool _isVerified;

    /// <param name="layer">The layer, for its DiffID and its name in errors.</param>
    /// <param name="taken">Keeps the layer in the store; disposed with this stream.</param>
    /// <param name="recording">Its recording; disposed with this stream.</param>
    /// <param name="tree">The directory with its files.</param>
    /// <param name="limits">How deep paths may go.</param>
    public LayerTarStream(Layer layer, RootLock taken, TarSplitReader recording, string tree, Limits limits)
    {
        _layer = layer;
        _taken = taken;
        _recording = recording;
        _tree = new LayerTree(tree, limits);
        _replayer = new TarReplayer(recording, _tree);
    }

    public override long Position => _replayer.Offset;

    public override int Read(Span<byte> buffer)
    {
        int read = _replayer.Read(buffer);
        if (read > 0)
        {
            _hasher.Append(buffer[..read]);
        }
        else if (!buffer.IsEmpty && !_isVerified)
        {
            Verify(new DiffId(_hasher.Finish()));
        }

        return read;
    }

    /// <summary>The whole tar at once, reading and writing side by side.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        using var replay = new ReplayRun(_replayer, destination);
        Verify(await replay.RunAsync(cancellationToken).ConfigureAwait(false));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _tree.Dispose();
            _recording.Dispose();
            _hasher.Dispose();
            _taken.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Verify(DiffId found)
    {
        _isVerified = found == _layer.DiffId
            ? true
            : throw new DigestMismatchException(
                $"layer {_layer.ChainId}: DiffID", $"{_layer.DiffId}", $"{found}", _replayer.Offset);
    }
}
