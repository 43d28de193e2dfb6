using System.Runtime.InteropServices;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Erofs;

/// <summary>Holds the parts of the metadata that have no fixed size, one behind the other: names, link targets, extended attributes,
/// maps of sparse files.</summary>
internal sealed class ErofsText(Limits limits)
{
    private byte[] _bytes = new byte[64 << 10];
    private int _used = sizeof(int);
    private long _counted;

    /// <summary>A piece that was added.</summary>
    /// <param name="position">What <see cref="Add"/> returned; 0 is an empty piece.</param>
    public ReadOnlySpan<byte> this[int position] =>
        _bytes.AsSpan(position + sizeof(int), MemoryMarshal.Read<int>(_bytes.AsSpan(position)));

    /// <summary>Adds a piece, and returns where it is.</summary>
    public int Add(ReadOnlySpan<byte> piece)
    {
        long end = (long)_used + sizeof(int) + piece.Length;
        Count(sizeof(int) + piece.Length);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(end, 2L * _bytes.Length), Array.MaxLength));
        }

        int position = _used;
        MemoryMarshal.Write(_bytes.AsSpan(position), piece.Length);
        piece.CopyTo(_bytes.AsSpan(position + sizeof(int)));
        _used = (int)end;
        return position;
    }

    /// <summary>Counts bytes of metadata against the limit, although they need no memory here.</summary>
    public void Count(long bytes)
    {
        long allowed = Math.Min(limits.ErofsMetadataBytes, Array.MaxLength - sizeof(int));
        _counted = checked(_counted + bytes);
        if (_counted > allowed)
        {
            Throw.LimitExceeded(nameof(Limits.ErofsMetadataBytes), allowed, "erofs: the names and attributes of the layer");
        }
    }
}
