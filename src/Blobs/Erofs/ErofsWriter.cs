using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>
/// Writes a layer as one EROFS image, which Linux mounts, while its tar is read: content as it comes, metadata behind it, and the
/// superblock last. An image without one cannot be mounted, so a partial image is never taken for a whole one.
/// <para>
/// Whiteouts become what overlayfs and containerd expect. A name that appears again gets the later entry; a directory keeps what is in
/// it. Memory is about 120 bytes an entry besides its name, within <see cref="Limits.Entries"/> and
/// <see cref="Limits.ErofsMetadataBytes"/>.
/// </para>
/// </summary>
public sealed partial class ErofsWriter : ITarSink, IDisposable
{
    private readonly ErofsOptions _options;
    private readonly Stream _image;
    private readonly VerityTree? _verity;
    private readonly ErofsOutput _output;
    private readonly ErofsTree _tree;
    private readonly ErofsPaths _paths;
    private readonly ErofsData _data;
    private readonly ErofsXattrs _xattrs = new();
    private readonly SafePath _path;
    private readonly SafePath _linkPath;
    private TarEntry? _file;

    /// <param name="image">Takes the image: empty, and seekable. Stays open.</param>
    /// <param name="options">How it is written; the defaults when null.</param>
    public ErofsWriter(Stream image, ErofsOptions? options = null)
        : this(image, options, takesTarItself: false)
    {
    }

    // Who passes the tar itself, besides its entries, saves a copy of all of it in the tar layout.
    internal ErofsWriter(Stream image, ErofsOptions? options, bool takesTarItself)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!image.CanSeek)
        {
            throw new ArgumentException("An image is not written from front to back: the stream must be seekable.", nameof(image));
        }

        _options = options ?? new ErofsOptions();
        Limits limits = _options.Limits;
        _image = image;
        bool isTar = _options.Layout == ErofsLayout.Tar;
        int blockBits = isTar ? ErofsFormat.TarBlockBits : ErofsFormat.PlainBlockBits;
        _verity = _options.HasVerity ? new VerityTree(1 << blockBits, _options.OpenSpill) : null;
        _output = new ErofsOutput(image, _verity);
        _output.PadTo(ErofsFormat.HeaderBytes);
        _tree = new ErofsTree(limits);
        _paths = new ErofsPaths(_tree);
        _data = isTar
            ? new TarData(_output, _tree.Text, limits, takesTarItself)
            : new PlainData(_output, _tree.Text, limits);
        TarItself = isTar && takesTarItself ? _output : null;
        _path = new SafePath(limits);
        _linkPath = new SafePath(limits);
    }

    /// <summary>Extended attributes that were left out, because the format has no form for them or overlayfs would obey them.</summary>
    public long SkippedXattrs => _xattrs.Skipped;

    /// <summary>The dm-verity tree, once the image is complete; null when none was asked for.</summary>
    public ErofsVerity? Verity { get; private set; }

    /// <summary>Takes the tar itself, also on another thread; null when the entries are enough.</summary>
    internal IByteSink? TarItself { get; }

    /// <inheritdoc/>
    public void Framing(ReadOnlySpan<byte> bytes) => _data.Framing(bytes);

    /// <inheritdoc/>
    public void Entry(TarEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Type == TarEntryType.GlobalExtension)
        {
            return;
        }

        CheckId(entry, "uid", entry.Uid);
        CheckId(entry, "gid", entry.Gid);
        SetPath(_path, entry.Name, entry);
        if (_path.IsRoot)
        {
            TakeRoot(entry);
            return;
        }

        int parent = _paths.Directory(_path.Parent, entry, makesMissing: true);
        if (_path.Base.StartsWith(WhiteoutName.Prefix))
        {
            TakeWhiteout(parent, entry);
            return;
        }

        CheckName(_path.Base, entry);
        Make(parent, entry);
    }

    /// <inheritdoc/>
    public void Payload(ReadOnlySpan<byte> bytes)
    {
        if (_file is null)
        {
            _data.Skip(bytes);
            return;
        }

        _data.Write(_file, bytes);
    }

    /// <inheritdoc/>
    public void EndEntry()
    {
        if (_file is not null)
        {
            _data.End();
            _file = null;
        }
    }

    /// <summary>Completes the image. Call it once, after the archive is complete and its digests are checked.</summary>
    /// <param name="diffId">The tar's digest, from which the image gets its UUID as in containerd.</param>
    /// <returns>Bytes of the image, with its dm-verity tree.</returns>
    public long Finish(DiffId diffId)
    {
        long tarBytes = _output.Position - ErofsFormat.HeaderBytes;
        _output.Align(ErofsFormat.HeaderBytes);
        var metadata = new ErofsMetadata(_tree, _xattrs, _data.BlockBits, _output.Position);
        metadata.Place();
        metadata.Write(_output);
        _output.Align(ErofsFormat.HeaderBytes);
        byte[] header = new byte[ErofsFormat.HeaderBytes];
        new ErofsSuperblock
        {
            BlockBits = _data.BlockBits,
            RootNid = _tree.Inode(ErofsTree.Root).Nid,
            InodeCount = metadata.InodeCount,
            ImageBytes = _output.Position,
            MetadataOffset = metadata.Start,
            HasChunks = metadata.HasChunks,
            Uuid = ErofsUuid.Of(diffId),
        }.Write(header);
        if (_options.Layout == ErofsLayout.Tar)
        {
            ErofsTarRange.Write(header, tarBytes);
        }

        _output.Flush();
        Verity = _verity?.Write(_image, header, _output.Position, ErofsUuid.OfVerity(diffId));
        _output.Complete(header);
        return _output.Position + (Verity?.Bytes ?? 0);
    }

    /// <summary>Closes temporary files.</summary>
    public void Dispose() => _verity?.Dispose();
}
