using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>
/// Writes the merged tree, or a part of it, as one tar while the layers are merged: every file as it comes, from the top
/// layer down, and the directories at the end. A directory's owner and mode may be in a lower layer than its files, and
/// its time would change with every file that is unpacked into it later.
/// </summary>
/// <param name="search">Finds the part to write.</param>
/// <param name="name">What the part is called in the tar; empty for nothing but what is in it.</param>
/// <param name="target">Receives the tar.</param>
internal sealed class TreeTarWriter(PathSearch search, string name, IByteSink target) : IMergeObserver, IByteSink
{
    private readonly TarWriter _tar = new(target);
    private readonly byte[] _name = System.Text.Encoding.UTF8.GetBytes(name);
    private readonly Dictionary<ImageFile, byte[]> _written = [];
    private readonly Dictionary<ImageFile, List<ImageEntry>> _waiting = [];
    private ImageEntry? _entry;
    private ImageFile? _file;

    /// <summary>Files of the layer that had passed before a hard link to them came, by the offset of their headers.</summary>
    public Dictionary<long, ImageFile> Passed { get; } = [];

    public int Layer { get; set; }

    public bool IsDone { get; private set; }

    /// <summary>Whether the path led through a link to something that had passed, so that nothing was written of
    /// it.</summary>
    public bool MustStartOver { get; private set; }

    public void EndLayer(int layer)
    {
        Layer = layer;
        if (search.Found is null)
        {
            search.GoOn(layer);
        }

        IsDone = search.Found is { } root && _waiting.Count == 0 && MergedTree.IsComplete(root, layer);
    }

    public bool Begin(TarEntry raw, ImageFile file, ImageEntry? entry, ReadOnlySpan<byte> path)
    {
        if (search.CanGoOn)
        {
            int linkCount = search.LinkCount;
            search.GoOn(Layer);
            MustStartOver = IsDone = search.Found is not null && search.LinkCount > linkCount;
            if (IsDone)
            {
                return false;
            }
        }

        if (file.IsDirectory)
        {
            return false;
        }

        bool isInside = entry is not null && IsInside(entry);
        if (raw.Type == TarEntryType.HardLink)
        {
            if (isInside)
            {
                AddLink(entry!, file);
            }

            return false;
        }

        if (isInside || _waiting.ContainsKey(file))
        {
            BeginFile(isInside ? entry! : _waiting[file][0], file);
            return true;
        }

        return false;
    }

    public void Content(ReadOnlySpan<byte> bytes) => _tar.Write(bytes);

    void IByteSink.Write(ReadOnlySpan<byte> bytes) => _tar.Write(bytes);

    public void End()
    {
        EndFile(_file!);
        IsDone = _waiting.Count == 0 && !search.Found!.File.IsDirectory;
    }

    /// <summary>Begins a file that had passed, under the name of the first hard link to it.</summary>
    public void BeginPassed(ImageFile file) => BeginFile(_waiting[file][0], file);

    /// <summary>Ends a file, and adds the hard links that waited for it.</summary>
    public void EndFile(ImageFile file)
    {
        _tar.End();
        _written[file] = NameOf(_entry!);
        if (_waiting.Remove(file, out List<ImageEntry>? links))
        {
            foreach (ImageEntry link in links.Where(link => link != _entry))
            {
                WriteLink(link, file);
            }
        }
    }

    /// <summary>Adds the directories, and ends the tar.</summary>
    /// <exception cref="MalformedDataException">A hard link leads to a file that no layer has.</exception>
    public void Complete()
    {
        if (_waiting.Count > 0)
        {
            throw new MalformedDataException(
                Fault.LinkTarget, 0, $"'{_waiting.First().Value[0]}' is a hard link to a file that is not in the image");
        }

        WriteDirectories(search.Found!);
        _tar.Complete();
    }

    private bool IsInside(ImageEntry entry)
    {
        ImageEntry? one = search.Found is null ? null : entry;
        while (one is not null && one != search.Found)
        {
            one = one.Parent;
        }

        return one is not null && (_name.Length > 0 || entry != search.Found);
    }

    private void AddLink(ImageEntry entry, ImageFile file)
    {
        if (_written.ContainsKey(file))
        {
            WriteLink(entry, file);
            return;
        }

        if (!_waiting.TryGetValue(file, out List<ImageEntry>? links))
        {
            _waiting.Add(file, links = []);
            if (!file.IsMissing)
            {
                Passed.Add(file.HeaderOffset, file);
            }
        }

        links.Add(entry);
    }

    private void BeginFile(ImageEntry entry, ImageFile file)
    {
        _entry = entry;
        _file = file;
        _tar.Begin(Member(file) with { Name = NameOf(entry) });
    }

    private void WriteLink(ImageEntry entry, ImageFile file)
    {
        _tar.Begin(Member(file) with { Name = NameOf(entry), Type = TarEntryType.HardLink, LinkName = _written[file], Size = 0 });
        _tar.End();
    }

    private void WriteDirectories(ImageEntry entry)
    {
        if (!entry.File.IsDirectory)
        {
            return;
        }

        foreach (ImageEntry child in entry.Children)
        {
            WriteDirectories(child);
        }

        // A directory that is called as a whiteout can only be implied by what is in it.
        if (IsInside(entry) && !entry.NameBytes.AsSpan().StartsWith(WhiteoutName.Prefix) && NameOf(entry) is { Length: > 0 } name)
        {
            _tar.Begin(Member(entry.File) with { Name = [.. name, (byte)'/'] });
            _tar.End();
        }
    }

    private byte[] NameOf(ImageEntry entry)
    {
        ReadOnlySpan<byte> root = search.Found!.Parent is null ? [] : search.Found.GetPath();
        ReadOnlySpan<byte> rest = entry.GetPath().AsSpan(root.Length);
        return _name.Length > 0 ? [.. _name, .. rest] : rest.TrimStart((byte)'/').ToArray();
    }

    private static TarMember Member(ImageFile file) => new()
    {
        Name = [],
        Type = file.Type,
        Size = file.Size,
        Mode = file.Mode,
        Uid = file.Uid,
        Gid = file.Gid,
        ModifiedTime = file.ModifiedTime,
        LinkName = file.LinkTarget.ToArray(),
        DeviceMajor = file.DeviceMajor,
        DeviceMinor = file.DeviceMinor,
        Xattrs = file.Xattrs,
    };
}
