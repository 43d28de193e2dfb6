using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>
/// The files of one layer, hidden or not, but no directories. Entries below a symbolic link of their own layer belong
/// where the link leads, and a hard link means the file of its own layer, even if a higher layer replaced that.
/// </summary>
internal sealed class OwnFiles(MergedTree tree, Limits limits)
{
    private const int FileBytes = 120;
    private const int HopsMax = 40;

    private readonly Dictionary<byte[], ImageFile> _files = new(NameComparer.Instance);
    private readonly SafePath _target = new(limits);
    private byte[] _lastParent = [];
    private byte[] _lastResolved = [];
    private long _bytes;

    public ImageFile? Find(ReadOnlySpan<byte> path) =>
        _files.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out ImageFile? file) ? file : null;

    public void Add(byte[] path, ImageFile file)
    {
        if (!file.IsDirectory)
        {
            _bytes += path.Length + FileBytes;
            tree.Charge(path.Length + FileBytes);
            _files.Add(path, file);
        }
    }

    /// <summary>Forgets the files after the last entry.</summary>
    public void Release()
    {
        tree.Charge(-_bytes);
        _files.Clear();
    }

    /// <summary>Whether a path is that of a file of this layer which is no link, or below one.</summary>
    public bool IsBelowFile(ReadOnlySpan<byte> path)
    {
        for (int end = path.Length; end > 0; end = path[..end].LastIndexOf((byte)'/'))
        {
            if (Find(path[..end]) is { } file)
            {
                return file.Type != TarEntryType.SymbolicLink;
            }
        }

        return false;
    }

    /// <summary>The path of a directory with the links of this layer resolved.</summary>
    public ReadOnlySpan<byte> Resolve(ReadOnlySpan<byte> directory, TarEntry entry)
    {
        if (!directory.SequenceEqual(_lastParent))
        {
            _lastResolved = ResolveNew(directory, entry);
            _lastParent = directory.ToArray();
        }

        return _lastResolved;
    }

    private byte[] ResolveNew(ReadOnlySpan<byte> directory, TarEntry entry)
    {
        byte[] path = directory.ToArray();
        int hops = 0;
        for (int end = 0; end < path.Length;)
        {
            int slash = path.AsSpan(end + 1).IndexOf((byte)'/');
            int next = slash < 0 ? path.Length : end + 1 + slash;
            ImageFile? file = Find(path.AsSpan(0, next));
            if (file is null)
            {
                end = next;
                continue;
            }

            if (file.Type != TarEntryType.SymbolicLink || ++hops > HopsMax)
            {
                string why = file.Type == TarEntryType.SymbolicLink ? "is a loop of links" : "is not a directory";
                throw Refused(Fault.EntryParent, entry, $"is below {Printable.Quote(path.AsSpan(0, next))}, which {why}");
            }

            int parentEnd = Math.Max(0, path.AsSpan(0, next).LastIndexOf((byte)'/'));
            path = Join(path.AsSpan(0, parentEnd), file.LinkTarget.Span, path.AsSpan(next), entry);
            end = 0;
        }

        return path;
    }

    private byte[] Join(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> target, ReadOnlySpan<byte> rest, TarEntry entry)
    {
        byte[] joined = target.StartsWith("/"u8) ? [.. target, .. rest] : [.. parent, (byte)'/', .. target, .. rest];
        if (joined.Length > limits.NameBytes || !_target.TrySet(joined))
        {
            _target.ThrowIfTooDeep(joined);
            throw Refused(Fault.EntryParent, entry, "is below a link to nothing inside the layer");
        }

        return _target.ToArray();
    }

    public static MalformedDataException Refused(Fault fault, TarEntry entry, string why) => new(
        fault, entry.HeaderOffset, $"layer: {Printable.Quote(entry.Name)} {why} (at byte {entry.HeaderOffset} of the tar)");
}
