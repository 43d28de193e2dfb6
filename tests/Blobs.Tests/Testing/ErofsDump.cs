using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>
/// Reads a whole EROFS image, written from the format's description and apart from the library. It fails where an image breaks a rule
/// that the kernel relies on.
/// </summary>
internal sealed class ErofsDump
{
    private readonly byte[] _image;
    private readonly int _blockBits;
    private readonly long _metadata;
    private readonly HashSet<long> _inodes = [];

    public ErofsDump(byte[] image)
    {
        _image = image;
        ReadOnlySpan<byte> superblock = image.AsSpan(1024, 128);
        Assert.Equal(0xE0F5E1E2, BinaryPrimitives.ReadUInt32LittleEndian(superblock));
        _blockBits = superblock[12];
        _metadata = (long)BinaryPrimitives.ReadUInt32LittleEndian(superblock[40..]) << _blockBits;
        Assert.Equal(image.Length, (long)BinaryPrimitives.ReadUInt32LittleEndian(superblock[36..]) << _blockBits);
        Root = Read(BinaryPrimitives.ReadUInt16LittleEndian(superblock[14..]));
        Root.ParentNid = Root.Nid;
        Walk(Root, "");
        Assert.Equal((ulong)_inodes.Count, BinaryPrimitives.ReadUInt64LittleEndian(superblock[16..]));
    }

    public Node Root { get; }

    /// <summary>Every node below the root by its path; names are bytes, one per character.</summary>
    public SortedDictionary<string, Node> Nodes { get; } = new(StringComparer.Ordinal);

    private int BlockBytes => 1 << _blockBits;

    /// <summary>The nodes as <see cref="TreeNode.Lines"/> describes them.</summary>
    public IEnumerable<string> Lines() => Nodes.Select(pair => pair.Value.Line(pair.Key));

    private void Walk(Node directory, string path)
    {
        List<(string Name, long Nid, int Type)> entries = Entries(directory);
        Assert.Equal(entries.Select(entry => entry.Name).Order(StringComparer.Ordinal).Distinct(), entries.Select(entry => entry.Name));
        Assert.Equal(directory.Nid, entries.Single(entry => entry.Name == ".").Nid);
        Assert.Equal(directory.ParentNid, entries.Single(entry => entry.Name == "..").Nid);
        uint links = 2;
        foreach ((string name, long nid, int type) in entries.Where(entry => entry.Name is not ("." or "..")))
        {
            Node node = Nodes.Values.FirstOrDefault(known => known.Nid == nid) ?? Read(nid);
            node.Names++;
            Nodes.Add(path + name, node);
            Assert.Equal("?-dcbpsl".IndexOf(node.Letter, StringComparison.Ordinal), type);
            if (node.Letter == 'd')
            {
                links++;
                node.ParentNid = directory.Nid;
                Walk(node, $"{path}{name}/");
            }
        }

        Assert.Equal(links, directory.Links);
        Assert.All(path.Length == 0 ? Nodes.Values.Where(node => node.Letter != 'd') : [], node => Assert.Equal((uint)node.Names, node.Links));
    }

    private Node Read(long nid)
    {
        Assert.NotEqual(0, nid);
        _inodes.Add(nid);
        int at = (int)(_metadata + (nid * 32));
        ReadOnlySpan<byte> inode = _image.AsSpan(at, 64);
        int format = BinaryPrimitives.ReadUInt16LittleEndian(inode);
        Assert.Equal(1, format & 1);
        Assert.True((at % BlockBytes) + 64 <= BlockBytes, "an inode crosses a block");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(inode[2..]);
        int xattrBytes = count == 0 ? 0 : 12 + ((count - 1) * 4);
        var node = new Node
        {
            Nid = nid,
            Mode = BinaryPrimitives.ReadUInt16LittleEndian(inode[4..]),
            Size = BinaryPrimitives.ReadInt64LittleEndian(inode[8..]),
            Device = BinaryPrimitives.ReadUInt32LittleEndian(inode[16..]),
            Uid = BinaryPrimitives.ReadUInt32LittleEndian(inode[24..]),
            Gid = BinaryPrimitives.ReadUInt32LittleEndian(inode[28..]),
            Time = new UnixTime(
                BinaryPrimitives.ReadInt64LittleEndian(inode[32..]), (int)BinaryPrimitives.ReadUInt32LittleEndian(inode[40..])),
            Links = BinaryPrimitives.ReadUInt32LittleEndian(inode[44..]),
            Xattrs = Xattrs(_image.AsSpan(at + 64, xattrBytes)),
        };
        node.Content = node.Letter is '-' or 'd' or 'l' ? Content(node, format >> 1, at + 64 + xattrBytes) : [];
        return node;
    }

    private byte[] Content(Node node, int layout, int body)
    {
        long start = (long)node.Device << _blockBits;
        int size = (int)node.Size;
        switch (layout)
        {
            case 0:
                return size == 0 ? [] : _image.AsSpan((int)start, size).ToArray();
            case 2:
                int tail = size % BlockBytes;
                Assert.NotEqual(0, tail);
                Assert.True((body % BlockBytes) + tail <= BlockBytes, "a tail crosses a block");
                return [.. size > tail ? _image.AsSpan((int)start, size - tail) : [], .. _image.AsSpan(body, tail)];
            default:
                Assert.Equal(4, layout);
                return Chunks(size, _blockBits + (int)node.Device, body);
        }
    }

    private byte[] Chunks(int size, int chunkBits, int table)
    {
        byte[] content = new byte[size];
        for (long offset = 0, k = 0; offset < size; k++, offset = k << chunkBits)
        {
            uint block = BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan((int)(table + (4 * k))));
            if (block != uint.MaxValue)
            {
                int length = (int)Math.Min(1L << chunkBits, size - offset);
                _image.AsSpan((int)((long)block << _blockBits), length).CopyTo(content.AsSpan((int)offset));
            }
        }

        return content;
    }

    private static List<string> Xattrs(ReadOnlySpan<byte> body)
    {
        string[] prefixes = ["", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "", "security."];
        var found = new List<string>();
        ReadOnlySpan<byte> rest = body.IsEmpty ? body : body[12..];
        Assert.True(body.IsEmpty || !rest.IsEmpty, "a body without attributes");
        while (!rest.IsEmpty)
        {
            int value = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            string name = prefixes[rest[1]] + Encoding.Latin1.GetString(rest.Slice(4, rest[0]));
            found.Add($"{name}={Convert.ToHexStringLower(rest.Slice(4 + rest[0], value))}");
            rest = rest[((4 + rest[0] + value + 3) & ~3)..];
        }

        return found;
    }

    private List<(string Name, long Nid, int Type)> Entries(Node directory)
    {
        var entries = new List<(string, long, int)>();
        for (int at = 0; at < directory.Content.Length; at += BlockBytes)
        {
            ReadOnlySpan<byte> block = directory.Content.AsSpan(at, Math.Min(BlockBytes, directory.Content.Length - at));
            int count = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]) / 12;
            for (int i = 0; i < count; i++)
            {
                int start = BinaryPrimitives.ReadUInt16LittleEndian(block[((12 * i) + 8)..]);
                int end = i + 1 < count ? BinaryPrimitives.ReadUInt16LittleEndian(block[((12 * i) + 20)..]) : block.Length;
                ReadOnlySpan<byte> name = block[start..end];
                int terminator = name.IndexOf((byte)0);
                name = terminator < 0 ? name : name[..terminator];
                Assert.InRange(name.Length, 1, 255);
                entries.Add((Encoding.Latin1.GetString(name), (long)BinaryPrimitives.ReadUInt64LittleEndian(block[(12 * i)..]), block[(12 * i) + 10]));
            }
        }

        return entries;
    }

    /// <summary>One inode.</summary>
    public sealed class Node
    {
        public long Nid { get; init; }

        public int Mode { get; init; }

        public long Size { get; init; }

        public uint Device { get; init; }

        public uint Uid { get; init; }

        public uint Gid { get; init; }

        public UnixTime Time { get; init; }

        public uint Links { get; init; }

        public IReadOnlyList<string> Xattrs { get; init; } = [];

        public byte[] Content { get; set; } = [];

        public long ParentNid { get; set; }

        public int Names { get; set; }

        public char Letter => (Mode >> 12) switch { 1 => 'p', 2 => 'c', 4 => 'd', 6 => 'b', 8 => '-', 10 => 'l', _ => '?' };

        public bool IsWhiteout => Mode == 0x2000 && Device == 0;

        public bool IsOpaque => Xattrs.Contains("trusted.overlay.opaque=79");

        public string Text => Encoding.Latin1.GetString(Content);

        public string Line(string path) => TreeNode.Line(
            path,
            Letter switch { 'd' => TarEntryType.Directory, 'l' => TarEntryType.SymbolicLink, 'p' => TarEntryType.Fifo, _ => TarEntryType.File },
            Letter == 'l' ? 0 : Mode & 0xfff,
            string.Create(CultureInfo.InvariantCulture, $"{Uid}:{Gid}"),
            Letter == 'd' ? [] : Content);
    }
}
