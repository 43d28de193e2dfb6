using System.ComponentModel;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tar;
using Blobs.TarSplit;

namespace Blobs.Trees.Internal;

/// <summary>A layer's original tar, rebuilt from its recording and its tree while it is read.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RecordedTar : ITarSource, IDisposable
{
    private readonly string _shown;
    private readonly TarSplitReader _recording;
    private readonly TreeFiles _tree;
    private readonly TarReplayer _replayer;
    private readonly IDisposable _held;

    /// <param name="diffId">The DiffID that the tar must have.</param>
    /// <param name="shown">The layer's name in errors.</param>
    /// <param name="recording">The layer's recording; disposed with this object.</param>
    /// <param name="tree">The directory with the layer's files.</param>
    /// <param name="limits">Limits the depth of paths.</param>
    /// <param name="held">The lock that keeps the layer in its store; disposed with this object.</param>
    public RecordedTar(DiffId diffId, string shown, TarSplitReader recording, string tree, Limits limits, IDisposable held)
    {
        DiffId = diffId;
        _shown = shown;
        _recording = recording;
        _held = held;
        _tree = new TreeFiles(tree, limits);
        _replayer = new TarReplayer(recording, _tree);
    }

    /// <summary>The DiffID that the tar must have.</summary>
    public DiffId DiffId { get; }

    /// <summary>The number of bytes read so far.</summary>
    public long Offset => _replayer.Offset;

    /// <summary>Length of the tar that a recording describes.</summary>
    public static long LengthOf(TarSplitReader recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        long length = 0;
        while (recording.Read())
        {
            length += recording.Kind switch
            {
                TarSplitEntryKind.Segment => recording.Payload.Length,
                TarSplitEntryKind.File => recording.Size,
                _ => 0,
            };
        }

        return length;
    }

    /// <inheritdoc/>
    public int Read(Span<byte> target) => _replayer.Read(target);

    /// <summary>Verifies the DiffID of the whole tar.</summary>
    /// <exception cref="DigestMismatchException">The rebuilt tar differs from the original.</exception>
    public void Verify(DiffId found)
    {
        if (found != DiffId)
        {
            throw new DigestMismatchException($"layer {_shown}: DiffID", $"{DiffId}", $"{found}", Offset);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tree.Dispose();
        _recording.Dispose();
        _held.Dispose();
    }
}
