using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>
/// Adds the entries of one layer to the merged tree, as a storage driver that stacks the layers' trees does: whiteouts
/// and opaque directories hide what lower layers have, and nothing of their own layer, in whatever order they come.
/// </summary>
internal sealed class LayerMerge : ITarSink, IByteSink
{
    private readonly MergedTree _tree;
    private readonly int _layer;
    private readonly IMergeObserver _observer;
    private readonly Dictionary<byte[], ImageFile> _missing;
    private readonly OwnFiles _own;
    private readonly SafePath _path;
    private readonly SafePath _linkPath;
    private readonly FileContent _content;
    private bool _isWanted;

    /// <param name="tree">The tree of the layers above.</param>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="observer">Watches what is added.</param>
    /// <param name="missing">Files that hard links of the layers above mean, by path; the layer may have them.</param>
    /// <param name="limits">Limits on names.</param>
    public LayerMerge(
        MergedTree tree, int layer, IMergeObserver observer, Dictionary<byte[], ImageFile> missing, Limits limits)
    {
        _tree = tree;
        _layer = layer;
        _observer = observer;
        _missing = missing;
        _own = new OwnFiles(tree, limits);
        _path = new SafePath(limits);
        _linkPath = new SafePath(limits);
        _content = new FileContent(this);
    }

    public void Entry(TarEntry entry)
    {
        _isWanted = false;
        if (entry.Type == TarEntryType.GlobalExtension)
        {
            return;
        }

        SetPath(_path, entry.Name, entry);
        if (_path.IsRoot)
        {
            // As in Docker, what the tar says about the root is ignored.
            return;
        }

        if (_path.Base.StartsWith(WhiteoutName.Prefix))
        {
            Hide(entry);
            return;
        }

        ReadOnlySpan<byte> parent = _own.Resolve(_path.Parent, entry);
        byte[] path = Join(parent, _path.Base);
        ImageFile file = FileOf(entry, path);
        ImageEntry? directory = _tree.Directory(parent, _layer);
        RefuseSecond(entry, path, directory);
        _own.Add(path, file);
        ImageEntry? added = directory is null ? null : _tree.Add(directory, NameIn(path), file, _layer);
        if (added is not null && entry.Type == TarEntryType.HardLink && !file.IsMissing)
        {
            file.SetMetadata(entry);
        }

        _isWanted = _observer.Begin(entry, file, added, path);
        if (_isWanted)
        {
            _content.Begin(entry);
        }
    }

    public void Payload(ReadOnlySpan<byte> bytes)
    {
        if (_isWanted)
        {
            _content.Payload(bytes);
        }
    }

    public void EndEntry()
    {
        if (_isWanted)
        {
            _content.End();
            _observer.End();
        }
    }

    /// <summary>Forgets what only concerns this layer.</summary>
    public void Release() => _own.Release();

    void IByteSink.Write(ReadOnlySpan<byte> bytes) => _observer.Content(bytes);

    private ImageFile FileOf(TarEntry entry, byte[] path)
    {
        if (entry.Type == TarEntryType.HardLink)
        {
            return Linked(entry);
        }

        if (!ImageFile.IsRegular(entry.Type) && entry.Type is < TarEntryType.SymbolicLink or > TarEntryType.Fifo)
        {
            throw OwnFiles.Refused(Fault.EntryType, entry, $"has type {Printable.Quote([(byte)entry.Type])}, which Docker does not unpack");
        }

        // A hard link of a layer above may mean this file.
        ImageFile file = entry.Type != TarEntryType.Directory && _missing.Remove(path, out ImageFile? awaited) ? awaited : new ImageFile();
        file.Set(entry, _layer);
        _tree.Charge(file.LinkTarget.Length + file.Xattrs.Sum(xattr => xattr.Key.Length + xattr.Value.Length));
        return file;
    }

    private ImageFile Linked(TarEntry entry)
    {
        SetPath(_linkPath, entry.LinkName, entry);
        byte[] path = Join(_own.Resolve(_linkPath.Parent, entry), _linkPath.Base);
        if (_own.Find(path) is { } file)
        {
            return file;
        }

        if (_missing.TryGetValue(path, out ImageFile? awaited))
        {
            return awaited;
        }

        awaited = new ImageFile { IsMissing = true, Layer = _layer };
        awaited.SetMetadata(entry);
        _tree.Charge(path.Length);
        _missing.Add(path, awaited);
        return awaited;
    }

    // As tar-split, and so docker and podman. The second entry would have to take back what the first has added.
    private void RefuseSecond(TarEntry entry, byte[] path, ImageEntry? directory)
    {
        bool replacesDirectory = entry.Type != TarEntryType.Directory
            && directory?.Get(NameIn(path)) is { Visible.IsDirectory: true } there && there.Layer == _layer;
        if (replacesDirectory || _own.Find(path) is not null)
        {
            throw OwnFiles.Refused(Fault.DuplicateName, entry, "has the name of another entry of its layer");
        }
    }

    private static ReadOnlySpan<byte> NameIn(byte[] path) => path.AsSpan(path.AsSpan().LastIndexOf((byte)'/') + 1);

    private void Hide(TarEntry entry)
    {
        bool isOpaque = _path.Base.SequenceEqual(WhiteoutName.Opaque);
        ReadOnlySpan<byte> hidden = _path.Base[WhiteoutName.Prefix.Length..];
        if (!isOpaque && (hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8)))
        {
            throw OwnFiles.Refused(Fault.Whiteout, entry, "is a whiteout of nothing, of its own directory or of the one above");
        }

        // umoci also lists what was in a directory that this layer replaces by a file: there is nothing left to hide.
        if (_own.IsBelowFile(_path.Parent))
        {
            return;
        }

        // In the root such names are AUFS's own.
        ReadOnlySpan<byte> parent = _own.Resolve(_path.Parent, entry);
        bool isMetadata = !isOpaque && parent.IsEmpty && _path.Base.StartsWith(WhiteoutName.Metadata);
        if (isMetadata || _tree.Directory(parent, _layer) is not { } directory)
        {
            return;
        }

        if (isOpaque)
        {
            directory.HideBelow(_layer);
        }
        else
        {
            _tree.Hide(directory, hidden, _layer);
        }
    }

    private static byte[] Join(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> name) =>
        parent.IsEmpty ? name.ToArray() : [.. parent, (byte)'/', .. name];

    private static void SetPath(SafePath path, ReadOnlySpan<byte> name, TarEntry entry)
    {
        if (!path.TrySet(name))
        {
            path.ThrowIfTooDeep(name);
            throw OwnFiles.Refused(Fault.EntryName, entry, "has a name that contains a NUL");
        }
    }
}
