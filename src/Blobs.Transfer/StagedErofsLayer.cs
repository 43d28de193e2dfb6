using System.Runtime.Versioning;
using System.Text;
using Blobs.Erofs;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>A layer that is written but has no name yet: its image and what stands beside it, in hidden files of the directory. Disposing
/// it removes those that got no name.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StagedErofsLayer : IDisposable
{
    private const string RecordingSuffix = ".tar-split.gz";

    private readonly string _folder;
    private readonly bool _isDurable;
    private readonly AtomicFile _image;
    private AtomicFile? _recording;
    private AtomicFile? _rootHash;

    private StagedErofsLayer(string folder, bool isDurable)
    {
        _folder = folder;
        _isDurable = isDurable;
        _image = Create();
        _image.FlushesAhead = isDurable;
    }

    /// <summary>What was read.</summary>
    public LayerSummary Summary { get; private set; } = null!;

    /// <summary>Writes a layer. Both expected digests of <paramref name="pass"/> are checked when this returns.</summary>
    /// <param name="source">The layer, compressed or not; stays open.</param>
    /// <param name="folder">The directory for the hidden files.</param>
    /// <param name="options">How the image is written.</param>
    /// <param name="pass">Expected digests and progress.</param>
    /// <param name="isDurable">Whether the files are flushed to disk, which this does without a lock.</param>
    /// <param name="cancellationToken">Ends the work; nothing stays.</param>
    public static async Task<StagedErofsLayer> WriteAsync(
        Stream source,
        string folder,
        ErofsOptions options,
        LayerPipelineOptions pass,
        bool isDurable,
        CancellationToken cancellationToken)
    {
        var staged = new StagedErofsLayer(folder, isDurable);
        try
        {
            await staged.WriteAsync(source, options, pass, cancellationToken).ConfigureAwait(false);
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Gives the files their names: last that of the image, so that whoever finds it finds the others. Only where the image is
    /// there already and gets a tree of hashes, its root hash follows, because it must not stand beside an image without one.</summary>
    /// <param name="path">Name of the image, in an existing directory.</param>
    public void Publish(string path)
    {
        bool isReplaced = FilePath.IsFile(path);
        string rootHash = path + ErofsVerity.FileSuffix;
        _recording?.Commit(Path.ChangeExtension(path, RecordingSuffix), isDurable: false);
        if (!isReplaced)
        {
            // Without one here, it was left by a process that was killed before its image had its name.
            File.Delete(rootHash);
            _rootHash?.Commit(rootHash, isDurable: false);
        }

        _image.Commit(path, isDurable: false);
        if (isReplaced)
        {
            _rootHash?.Commit(rootHash, isDurable: false);
        }

        if (_isDurable)
        {
            DurableDirectory.Flush(Path.GetDirectoryName(path)!);
        }
    }

    public void Dispose()
    {
        _image.Dispose();
        _recording?.Dispose();
        _rootHash?.Dispose();
    }

    private async Task WriteAsync(Stream source, ErofsOptions options, LayerPipelineOptions pass, CancellationToken cancellationToken)
    {
        _recording = options.Layout == ErofsLayout.Plain ? Create() : null;
        ErofsSummary written = await ErofsLayer
            .WriteAsync(source, _image.Stream, _recording?.Stream, options, pass, cancellationToken).ConfigureAwait(false);
        Summary = written.Layer;
        if (written.Verity is { } verity)
        {
            _rootHash = Create();
            _rootHash.Stream.Write(Encoding.ASCII.GetBytes(verity.ToJson()));
        }

        if (_isDurable)
        {
            _image.FlushToDisk();
            _recording?.FlushToDisk();
            _rootHash?.FlushToDisk();
        }
    }

    private AtomicFile Create() =>
        AtomicFile.CreateAt(Path.Combine(_folder, TemporaryNames.Hidden.NameFor("")), _folder, SmallFile.Readable);
}
