using System.Runtime.InteropServices;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Erofs;

/// <summary>Holds the parts of the metadata that have no fixed size, one behind the other: names, link targets, extended attributes,
/// maps of sparse files.</summary>
internal sealed class ErofsText(Limits limits)
{
    // A piece lies in one page. One that is larger than a page has a page to itself.
    private const int PageBits = 18;
    private const int PageBytes = 1 << PageBits;
    private const int PagesMax = int.MaxValue >> PageBits;

    private readonly List<byte[]> _pages = [new byte[PageBytes]];
    private int _used = sizeof(int);
    private long _counted;

    /// <summary>A piece that was added.</summary>
    /// <param name="position">What <see cref="Add"/> returned; 0 is an empty piece.</param>
    public ReadOnlySpan<byte> this[int position]
    {
        get
        {
            Span<byte> piece = _pages[position >> PageBits].AsSpan(position & (PageBytes - 1));
            return piece.Slice(sizeof(int), MemoryMarshal.Read<int>(piece));
        }
    }

    /// <summary>Adds a piece, and returns where it is.</summary>
    public int Add(ReadOnlySpan<byte> piece)
    {
        int needed = sizeof(int) + piece.Length;
        Count(needed);
        if (needed > PageBytes - _used)
        {
            // What is left of a page that was not full is lost to the limit, too.
            Count(Math.Max(0, PageBytes - _used));
            _pages.Add(new byte[Math.Max(PageBytes, needed)]);
            _used = 0;
        }

        int position = ((_pages.Count - 1) << PageBits) + _used;
        Span<byte> target = _pages[^1].AsSpan(_used);
        MemoryMarshal.Write(target, piece.Length);
        piece.CopyTo(target[sizeof(int)..]);
        _used += needed;
        return position;
    }

    /// <summary>Counts bytes of metadata against the limit, although they need no memory here.</summary>
    public void Count(long bytes)
    {
        long allowed = Math.Min(limits.ErofsMetadataBytes, (long)PagesMax << PageBits);
        _counted = checked(_counted + bytes);
        if (_counted > allowed)
        {
            Throw.LimitExceeded(nameof(Limits.ErofsMetadataBytes), allowed, "erofs: the names and attributes of the layer");
        }
    }
}
