using System.Buffers.Binary;
using System.Text;

namespace Blobs.Tests.Testing;

/// <summary>
/// Writes a bbolt database from buckets in memory, in the form that engines write. Small buckets are inline; others
/// have their own pages. There are as many branch pages as the leaves need, and overflow pages for items that do not
/// fit into one page. The file is written once, so each page has one version.
/// </summary>
internal sealed class BoltWriter(int pageBytes = 4096)
{
    private const int HeaderBytes = 16;
    private const int ElementBytes = 16;
    private const ushort Branch = 1;
    private const ushort Leaf = 2;
    private const ushort MetaFlag = 4;
    private const ushort FreeList = 16;
    private const ulong FirstPage = 3;

    private readonly MemoryStream _pages = new();

    /// <summary>Returns the database. A value is text, bytes, or a bucket (another dictionary).</summary>
    public static byte[] Write(IReadOnlyDictionary<string, object> root, int pageBytes = 4096) => new BoltWriter(pageBytes).Write(root);

    public byte[] Write(IReadOnlyDictionary<string, object> root)
    {
        ulong rootPage = WriteTree(root);
        ulong pageCount = FirstPage + ((ulong)_pages.Length / (ulong)pageBytes);
        var file = new byte[(int)pageCount * pageBytes];
        Meta(file, 0, pageBytes, rootPage, freeListPage: 2, pageCount, transaction: 8);
        Meta(file.AsSpan(pageBytes), 1, pageBytes, rootPage, freeListPage: 2, pageCount, transaction: 7);
        Header(file.AsSpan(2 * pageBytes), 2, FreeList, 0, 0);
        _pages.ToArray().CopyTo(file, 3 * pageBytes);
        return file;
    }

    /// <summary>Writes a meta page, one of the first two pages, which refer to the root.</summary>
    public static void Meta(
        Span<byte> page, ulong id, int pageBytes, ulong rootPage, ulong freeListPage, ulong pageCount, ulong transaction, uint version = 2)
    {
        Header(page, id, MetaFlag, 0, 0);
        Span<byte> meta = page[HeaderBytes..];
        BinaryPrimitives.WriteUInt32LittleEndian(meta, 0xED0CDAED);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], version);
        BinaryPrimitives.WriteInt32LittleEndian(meta[8..], pageBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[16..], rootPage);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[32..], freeListPage);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[40..], pageCount);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[48..], transaction);
        ulong checksum = 14695981039346656037;
        foreach (byte value in meta[..56])
        {
            checksum = (checksum ^ value) * 1099511628211;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(meta[56..], checksum);
    }

    /// <summary>Returns the bytes of a leaf with sorted items, without padding.</summary>
    public static byte[] LeafOf(ulong id, IReadOnlyList<(byte[] Key, byte[] Value, bool IsBucket)> items, int pageBytes)
    {
        int bytes = HeaderBytes + items.Sum(item => ElementBytes + item.Key.Length + item.Value.Length);
        var page = new byte[bytes];
        Header(page, id, Leaf, items.Count, OverflowOf(bytes, pageBytes));
        int data = HeaderBytes + (items.Count * ElementBytes);
        for (int i = 0; i < items.Count; i++)
        {
            int at = HeaderBytes + (i * ElementBytes);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(at), items[i].IsBucket ? 1 : 0);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(at + 4), data - at);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(at + 8), items[i].Key.Length);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(at + 12), items[i].Value.Length);
            items[i].Key.CopyTo(page, data);
            items[i].Value.CopyTo(page, data + items[i].Key.Length);
            data += items[i].Key.Length + items[i].Value.Length;
        }

        return page;
    }

    /// <summary>Returns a small bucket as a value: a header followed by its only page.</summary>
    public static byte[] Inline(IReadOnlyList<(byte[] Key, byte[] Value, bool IsBucket)> items, int pageBytes) =>
        [.. new byte[HeaderBytes], .. LeafOf(0, items, pageBytes)];

    private ulong WriteTree(IReadOnlyDictionary<string, object> bucket)
    {
        List<(byte[] Key, byte[] Value, bool IsBucket)> items = Items(bucket);
        var level = new List<(byte[] Key, ulong Page)>();
        for (int first = 0; first < items.Count || level.Count == 0;)
        {
            int count = CountThatFits(items.Skip(first).Select(item => item.Key.Length + item.Value.Length));
            level.Add((first < items.Count ? items[first].Key : [], Append(id => LeafOf(id, items.GetRange(first, count), pageBytes))));
            first += count;
        }

        while (level.Count > 1)
        {
            var above = new List<(byte[] Key, ulong Page)>();
            for (int first = 0; first < level.Count;)
            {
                int count = Math.Max(2, CountThatFits(level.Skip(first).Select(item => item.Key.Length)));
                List<(byte[] Key, ulong Page)> children = level.GetRange(first, Math.Min(count, level.Count - first));
                above.Add((children[0].Key, Append(id => BranchOf(id, children))));
                first += children.Count;
            }

            level = above;
        }

        return level[0].Page;
    }

    private List<(byte[] Key, byte[] Value, bool IsBucket)> Items(IReadOnlyDictionary<string, object> bucket) =>
    [
        .. bucket.Select(item => (Encoding.Latin1.GetBytes(item.Key), item.Value switch
            {
                byte[] bytes => bytes,
                string text => Encoding.UTF8.GetBytes(text),
                IReadOnlyDictionary<string, object> inner => Bucket(inner),
                _ => throw new ArgumentException($"{item.Key} is no value and no bucket"),
            }, item.Value is IReadOnlyDictionary<string, object>))
            .OrderBy(item => Encoding.Latin1.GetString(item.Item1), StringComparer.Ordinal),
    ];

    // A bucket gets its own pages if it is larger than a quarter of a page, or contains other buckets.
    private byte[] Bucket(IReadOnlyDictionary<string, object> bucket)
    {
        if (!bucket.Values.Any(value => value is IReadOnlyDictionary<string, object>))
        {
            byte[] inline = Inline(Items(bucket), pageBytes);
            if (inline.Length <= pageBytes / 4)
            {
                return inline;
            }
        }

        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, WriteTree(bucket));
        return header;
    }

    private byte[] BranchOf(ulong id, List<(byte[] Key, ulong Page)> children)
    {
        int bytes = HeaderBytes + children.Sum(child => ElementBytes + child.Key.Length);
        var page = new byte[bytes];
        Header(page, id, Branch, children.Count, OverflowOf(bytes, pageBytes));
        int data = HeaderBytes + (children.Count * ElementBytes);
        for (int i = 0; i < children.Count; i++)
        {
            int at = HeaderBytes + (i * ElementBytes);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(at), data - at);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(at + 4), children[i].Key.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(at + 8), children[i].Page);
            children[i].Key.CopyTo(page, data);
            data += children[i].Key.Length;
        }

        return page;
    }

    private int CountThatFits(IEnumerable<int> sizes)
    {
        int bytes = HeaderBytes;
        int count = 0;
        foreach (int size in sizes)
        {
            bytes += ElementBytes + size;
            if (bytes > pageBytes && count > 0)
            {
                break;
            }

            count++;
        }

        return count;
    }

    private ulong Append(Func<ulong, byte[]> build)
    {
        ulong id = FirstPage + ((ulong)_pages.Length / (ulong)pageBytes);
        _pages.Write(build(id));
        _pages.SetLength((_pages.Length + pageBytes - 1) / pageBytes * pageBytes);
        _pages.Position = _pages.Length;
        return id;
    }

    private static int OverflowOf(int bytes, int pageBytes) => (bytes - 1) / pageBytes;

    private static void Header(Span<byte> page, ulong id, ushort flags, int count, int overflow)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, id);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], (ushort)count);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], overflow);
    }
}
