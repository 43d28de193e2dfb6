using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Docker.BuildKit;

/// <summary>
/// Reads a bbolt database: the items of its buckets, in order. The caller ensures that nobody writes to the file
/// meanwhile.
/// </summary>
/// <remarks>
/// The file is not trusted: every offset is checked before it is used, and each page, and so each bucket, can be read
/// only once.
/// </remarks>
internal sealed class BoltFile
{
    private const int PageBytesMin = 512;
    private const int PageBytesMax = 1 << 20;
    private const int HeaderBytes = 16;
    private const int ElementBytes = 16;
    private const int MetaBytes = 64;
    private const int ChecksumAt = 56;
    private const uint Magic = 0xED0CDAED;
    private const uint Version = 2;
    private const ushort BranchFlag = 1;
    private const ushort LeafFlag = 2;
    private const uint BucketFlag = 1;

    // bbolt's own limit.
    private const int KeyBytesMax = 32768;

    // Limit for a page with its overflow pages, which hold one large item; the databases read here need some kilobytes.
    private const long NodeBytesMax = 64 << 20;

    // With 4 KiB pages, a terabyte has six levels of branches.
    private const int DepthMax = 32;

    private readonly Stream _file;
    private readonly long _length;
    private readonly int _pageBytes;
    private readonly ulong _pageCount;
    private readonly HashSet<ulong> _seen = [];

    private BoltFile(Stream file, Meta meta)
    {
        _file = file;
        _length = file.Length;
        _pageBytes = meta.PageBytes;
        _pageCount = meta.PageCount;
        Root = new BoltBucket(meta.RootPage, default, 0);
    }

    /// <summary>The root bucket, which holds the others.</summary>
    public BoltBucket Root { get; }

    /// <summary>Opens a database at its last committed transaction.</summary>
    /// <param name="file">A seekable stream; stays open.</param>
    /// <exception cref="MalformedDataException">It is not a bbolt database, or has another version.</exception>
    public static BoltFile Open(Stream file)
    {
        Meta first = ReadMeta(file, 0);
        Meta? second = first.Problem is null ? ReadMeta(file, first.PageBytes) : FindSecond(file);
        Meta latest = second is { Problem: null } other
            && (first.Problem is not null || (other.PageBytes == first.PageBytes && other.Transaction > first.Transaction))
            ? other
            : first;
        return latest.Problem is null ? new BoltFile(file, latest) : throw Throw.Error(Fault.BoltDatabase, 0, latest.Problem);
    }

    /// <summary>The items of a bucket, in order of keys. Each bucket can be read once.</summary>
    /// <exception cref="MalformedDataException">A page is malformed.</exception>
    public IEnumerable<BoltItem> Items(BoltBucket bucket)
    {
        IEnumerable<BoltItem> items = bucket.RootPage == 0
            ? Leaf(bucket.Inline, bucket.InlineOffset)
            : Below(bucket.RootPage, 0);
        ReadOnlyMemory<byte>? previous = null;
        foreach (BoltItem item in items)
        {
            if (previous is { } key && key.Span.SequenceCompareTo(item.Key.Span) >= 0)
            {
                throw Error(item.Offset, $"key {Printable.Quote(item.Key.Span)} follows {Printable.Quote(key.Span)}");
            }

            previous = item.Key;
            yield return item;
        }
    }

    private IEnumerable<BoltItem> Below(ulong id, int depth)
    {
        if (depth >= DepthMax)
        {
            throw Error(OffsetOf(id), $"page {id}: more than {DepthMax} pages are nested");
        }

        ReadOnlyMemory<byte> page = ReadPage(id);
        long offset = OffsetOf(id);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(page.Span[8..]);
        if (flags == LeafFlag)
        {
            return Leaf(page, offset);
        }

        return flags == BranchFlag
            ? Children(page, offset).SelectMany(child => Below(child, depth + 1))
            : throw Error(offset, $"page {id} has flags {flags}, expected {BranchFlag} or {LeafFlag}");
    }

    private static IEnumerable<BoltItem> Leaf(ReadOnlyMemory<byte> page, long pageOffset)
    {
        int count = CountOf(page, pageOffset, LeafFlag);
        long free = HeaderBytes + (count * ElementBytes);
        for (int i = 0; i < count; i++)
        {
            int at = HeaderBytes + (i * ElementBytes);
            uint flags = ReadUInt32(page, at);
            uint keyBytes = ReadUInt32(page, at + 8);
            uint valueBytes = ReadUInt32(page, at + 12);
            long start = at + (long)ReadUInt32(page, at + 4);
            free = CheckItem(page, pageOffset + at, free, start, keyBytes, valueBytes);
            int key = (int)start;
            int value = key + (int)keyBytes;
            yield return new BoltItem(
                page[key..value], page.Slice(value, (int)valueBytes), (flags & BucketFlag) != 0, pageOffset + value);
        }
    }

    private static IEnumerable<ulong> Children(ReadOnlyMemory<byte> page, long pageOffset)
    {
        int count = CountOf(page, pageOffset, BranchFlag);
        long free = HeaderBytes + (count * ElementBytes);
        for (int i = 0; i < count; i++)
        {
            int at = HeaderBytes + (i * ElementBytes);
            free = CheckItem(page, pageOffset + at, free, at + (long)ReadUInt32(page, at), ReadUInt32(page, at + 4), 0);
            yield return BinaryPrimitives.ReadUInt64LittleEndian(page.Span[(at + 8)..]);
        }
    }

    private static int CountOf(ReadOnlyMemory<byte> page, long offset, ushort flags)
    {
        if (page.Length < HeaderBytes)
        {
            throw Error(offset, $"a page of {page.Length} bytes, expected {HeaderBytes} or more");
        }

        ushort found = BinaryPrimitives.ReadUInt16LittleEndian(page.Span[8..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(page.Span[10..]);
        if (found != flags)
        {
            throw Error(offset, $"a page has flags {found}, expected {flags}");
        }

        return HeaderBytes + (count * ElementBytes) <= page.Length
            ? count
            : throw Error(offset, $"a page of {page.Length} bytes cannot have {count} items");
    }

    // Keys and values follow the elements in order, and must fit the page. Returns the earliest offset of the next one.
    private static long CheckItem(ReadOnlyMemory<byte> page, long offset, long free, long start, uint keyBytes, uint valueBytes)
    {
        if (keyBytes > KeyBytesMax)
        {
            throw Error(offset, $"a key of {keyBytes} bytes, expected at most {KeyBytesMax}");
        }

        long end = start + keyBytes + valueBytes;
        return start >= free && end <= page.Length
            ? end
            : throw Error(
                offset, $"an item of {keyBytes} and {valueBytes} bytes at {start} has no room there, expected {free} to {page.Length}");
    }

    private byte[] ReadPage(ulong id)
    {
        const ulong FirstPage = 2;
        if (id < FirstPage || id >= _pageCount)
        {
            throw Error(0, $"page {id} does not exist: pages are {FirstPage} to {_pageCount - 1}");
        }

        long offset = OffsetOf(id);
        Span<byte> header = stackalloc byte[HeaderBytes];
        ReadAt(offset, header, id);
        ulong found = BinaryPrimitives.ReadUInt64LittleEndian(header);
        uint overflow = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        long bytes = (1L + overflow) * _pageBytes;
        if (found != id)
        {
            throw Error(offset, $"page {id} has the number {found}");
        }

        if (overflow >= _pageCount - id || bytes > NodeBytesMax || bytes > _length - offset)
        {
            throw Error(offset, $"page {id} has {overflow} further pages, more than the limit");
        }

        for (ulong page = id; page <= id + overflow; page++)
        {
            if (!_seen.Add(page))
            {
                throw Error(offset, $"page {page} is used twice");
            }
        }

        var content = new byte[bytes];
        ReadAt(offset, content, id);
        return content;
    }

    private void ReadAt(long offset, Span<byte> target, ulong id)
    {
        if (target.Length > _length - offset)
        {
            throw Error(offset, $"the file ends at {_length}, inside page {id}");
        }

        _file.Position = offset;
        if (_file.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
        {
            throw Error(offset, $"the file ends inside page {id}");
        }
    }

    private long OffsetOf(ulong id) => checked((long)id * _pageBytes);

    // If the first meta page is damaged, only the second one states the page size.
    private static Meta? FindSecond(Stream file)
    {
        for (int pageBytes = PageBytesMin; pageBytes <= PageBytesMax && pageBytes < file.Length; pageBytes *= 2)
        {
            Meta meta = ReadMeta(file, pageBytes);
            if (meta.Problem is null && meta.PageBytes == pageBytes)
            {
                return meta;
            }
        }

        return null;
    }

    private static Meta ReadMeta(Stream file, long offset)
    {
        Span<byte> page = stackalloc byte[HeaderBytes + MetaBytes];
        file.Position = offset;
        if (file.ReadAtLeast(page, page.Length, throwOnEndOfStream: false) < page.Length)
        {
            return new Meta { Problem = $"no bbolt database: the file ends after {file.Length} bytes" };
        }

        Span<byte> meta = page[HeaderBytes..];
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(meta);
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(meta[4..]);
        uint pageBytes = BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]);
        ulong pageCount = BinaryPrimitives.ReadUInt64LittleEndian(meta[40..]);
        bool isSizeRight = pageBytes is >= PageBytesMin and <= PageBytesMax && BitOperations.IsPow2(pageBytes);
        return new Meta
        {
            PageBytes = (int)pageBytes,
            RootPage = BinaryPrimitives.ReadUInt64LittleEndian(meta[16..]),
            PageCount = pageCount,
            Transaction = BinaryPrimitives.ReadUInt64LittleEndian(meta[48..]),
            Problem = magic != Magic
                ? string.Create(CultureInfo.InvariantCulture, $"no bbolt database: magic {magic:x8}, expected {Magic:x8}")
                : version != Version ? $"a bbolt database of version {version}, expected {Version}"
                : BinaryPrimitives.ReadUInt64LittleEndian(meta[ChecksumAt..]) != ChecksumOf(meta[..ChecksumAt])
                    ? "the checksum of a bbolt database's first pages differs"
                : !isSizeRight ? $"a bbolt database with pages of {pageBytes} bytes"
                : pageCount > long.MaxValue / PageBytesMax ? $"a bbolt database of {pageCount} pages"
                : null,
        };
    }

    // FNV-1a.
    private static ulong ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }

    private static uint ReadUInt32(ReadOnlyMemory<byte> page, int at) => BinaryPrimitives.ReadUInt32LittleEndian(page.Span[at..]);

    private static MalformedDataException Error(long offset, string message) => Throw.Error(Fault.BoltDatabase, offset, message);

    private readonly record struct Meta
    {
        /// <summary>Why it cannot be used; null if it can.</summary>
        public string? Problem { get; init; }

        public int PageBytes { get; init; }

        public ulong RootPage { get; init; }

        /// <summary>Number of pages in use: the number of the next new page.</summary>
        public ulong PageCount { get; init; }

        public ulong Transaction { get; init; }
    }
}
