using System.Diagnostics;

namespace Blobs.Images;

/// <summary>A name in the merged file system of an image, and the file that it names.</summary>
[DebuggerDisplay("{this}")]
public sealed class ImageEntry
{
    private Dictionary<byte[], ImageEntry>? _children;
    private ImageEntry[]? _sorted;

    internal ImageEntry(byte[] name, ImageEntry? parent)
    {
        NameBytes = name;
        Parent = parent;
    }

    /// <summary>The name, which is not always UTF-8; empty for the root.</summary>
    public ReadOnlyMemory<byte> Name => NameBytes;

    /// <summary>The directory that it is in; null for the root.</summary>
    public ImageEntry? Parent { get; }

    /// <summary>The file.</summary>
    public ImageFile File => Visible ?? throw new InvalidOperationException("A whiteout is not an entry.");

    /// <summary>The entries of a directory, in bytewise order.</summary>
    public IReadOnlyList<ImageEntry> Children => _sorted ??= Sort();

    /// <summary>The entry of a path below this one, symbolic links not followed; null if there is none.</summary>
    /// <param name="path">The path, relative to this entry even if it begins with a slash.</param>
    public ImageEntry? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        ImageEntry? entry = this;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "."))
        {
            entry = entry?.Get(System.Text.Encoding.UTF8.GetBytes(name)) is { Visible: not null } child ? child : null;
        }

        return entry;
    }

    /// <summary>The absolute path: <c>/etc/passwd</c>.</summary>
    public byte[] GetPath()
    {
        int length = 0;
        for (ImageEntry entry = this; entry.Parent is not null; entry = entry.Parent)
        {
            length += entry.NameBytes.Length + 1;
        }

        byte[] path = length == 0 ? "/"u8.ToArray() : new byte[length];
        for (ImageEntry entry = this; entry.Parent is not null; entry = entry.Parent)
        {
            length -= entry.NameBytes.Length;
            entry.NameBytes.CopyTo(path, length);
            path[--length] = (byte)'/';
        }

        return path;
    }

    /// <summary>The path as text.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(GetPath());

    internal byte[] NameBytes { get; }

    /// <summary>The file; null for the mark that a whiteout leaves.</summary>
    internal ImageFile? Visible { get; private set; }

    /// <summary>The highest layer that has the entry.</summary>
    internal int Layer { get; private set; }

    /// <summary>Layers below this one add nothing to the entry, nor below it.</summary>
    internal int HidesBelow { get; private set; }

    internal ImageEntry? Get(ReadOnlySpan<byte> name) => _children is not null
        && _children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out ImageEntry? child) ? child : null;

    internal ImageEntry Add(ReadOnlySpan<byte> name)
    {
        var child = new ImageEntry(name.ToArray(), this);
        _children ??= new Dictionary<byte[], ImageEntry>(NameComparer.Instance);
        _children.Add(child.NameBytes, child);
        _sorted = null;
        return child;
    }

    internal void Define(ImageFile file, int layer)
    {
        if (Visible is not null)
        {
            Visible.LinkCount--;
        }

        Layer = Visible is null ? layer : Layer;
        Parent?._sorted = null;
        Visible = file;
        file.LinkCount++;
        if (!file.IsDirectory)
        {
            _children = null;
            _sorted = null;
            HideBelow(layer);
        }
    }

    internal void HideBelow(int layer) => HidesBelow = Math.Max(HidesBelow, layer);

    private ImageEntry[] Sort()
    {
        ImageEntry[] visible = [.. (_children?.Values ?? Enumerable.Empty<ImageEntry>()).Where(child => child.Visible is not null)];
        Array.Sort(visible, static (left, right) => left.NameBytes.AsSpan().SequenceCompareTo(right.NameBytes));
        return visible;
    }
}
