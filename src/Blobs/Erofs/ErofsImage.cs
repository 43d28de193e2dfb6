using System.Buffers.Binary;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Erofs;

/// <summary>Reads an EROFS image without mounting it: what Blobs writes, and images of other programs without compression.</summary>
internal sealed class ErofsImage
{
    private const long NidMax = 1L << 40;

    private readonly Stream _stream;
    private readonly ErofsSuperblock _superblock;
    private readonly byte[] _block;
    private readonly byte[] _inode = new byte[ErofsFormat.InodeBytes];

    /// <param name="stream">The image; seekable, stays open.</param>
    /// <exception cref="MalformedDataException">It is not an image that can be read.</exception>
    public ErofsImage(Stream stream)
    {
        _stream = stream;
        byte[] header = new byte[ErofsFormat.HeaderBytes + ErofsFormat.SuperblockOffset];
        _stream.Position = 0;
        _stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        _superblock = ErofsSuperblock.Read(header);
        Tar = ErofsTarRange.Read(header);
        if (Tar is { } tar && (tar.Offset < 0 || tar.Length < 0 || tar.Offset > _stream.Length - tar.Length))
        {
            throw Error("the image's tar lies outside of it", 0);
        }

        _block = new byte[1 << _superblock.BlockBits];
    }

    /// <summary>Where the image has the layer's tar; null when it has none.</summary>
    public ErofsTarRange? Tar { get; }

    public Guid Uuid => _superblock.Uuid;

    public ErofsNode Root => Node(_superblock.RootNid);

    /// <summary>The inode with a number.</summary>
    public ErofsNode Node(long nid)
    {
        if (nid is < 0 or > NidMax)
        {
            throw Error("an entry names an inode that cannot be", 0);
        }

        long offset = _superblock.MetadataOffset + (nid * ErofsFormat.InodeSlotBytes);
        ReadAt(offset, _inode.AsSpan(0, ErofsFormat.CompactInodeBytes));
        if ((_inode[0] & ErofsFormat.ExtendedInode) != 0)
        {
            ReadAt(offset, _inode);
        }

        ErofsNode node = ErofsNode.Read(_inode, offset);
        return node.Size >= 0 ? node : throw Error("an inode has a negative size", offset);
    }

    /// <summary>The inode of a name in a directory; null when there is none.</summary>
    public ErofsNode? Find(in ErofsNode directory, ReadOnlySpan<byte> name)
    {
        // Names are sorted, in a block and from block to block.
        long low = 0;
        long high = ((directory.Size + _block.Length - 1) >> _superblock.BlockBits) - 1;
        while (low <= high)
        {
            long middle = low + ((high - low) / 2);
            int length = Read(directory, middle << _superblock.BlockBits, _block);
            var entries = new ErofsNameBlock(_block.AsSpan(0, length));
            int order = entries.Find(name, out long nid);
            if (order == 0)
            {
                return nid < 0 ? null : Node(nid);
            }

            (low, high) = order < 0 ? (low, middle - 1) : (middle + 1, high);
        }

        return null;
    }

    /// <summary>Reads content from an offset on; less than asked for only at its end.</summary>
    public int Read(in ErofsNode node, long offset, Span<byte> target)
    {
        int length = (int)Math.Clamp(node.Size - offset, 0, target.Length);
        long whole = node.Layout switch
        {
            ErofsFormat.FlatPlain => node.Size,
            ErofsFormat.FlatInline => node.Size & -(long)_block.Length,
            _ => throw Error("a file is stored in a form that is not supported", node.TailOffset),
        };
        int outer = (int)Math.Clamp(whole - offset, 0, length);
        if (outer > 0)
        {
            ReadAt(((long)node.Start << _superblock.BlockBits) + offset, target[..outer]);
        }

        if (outer < length)
        {
            ReadAt(node.TailOffset + offset + outer - whole, target[outer..length]);
        }

        return length;
    }

    private void ReadAt(long offset, Span<byte> target)
    {
        if (offset < 0 || offset > _stream.Length - target.Length)
        {
            throw Error("the image ends before something that it names", offset);
        }

        _stream.Position = offset;
        _stream.ReadExactly(target);
    }

    private static MalformedDataException Error(string message, long offset) =>
        Throw.Error(Fault.ErofsImage, offset, $"erofs: {message}");

    // One block of a directory: the entries, then their names.
    private readonly ref struct ErofsNameBlock(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        // Below zero when the name belongs to an earlier block, above when to a later one. Zero when it belongs here; the node id is
        // -1 when it is not there.
        public int Find(ReadOnlySpan<byte> name, out long nid)
        {
            int count = _bytes.Length < ErofsFormat.DirentBytes ? 0 : NameOffset(0) / ErofsFormat.DirentBytes;
            int order = 0;
            nid = -1;
            for (int i = 0; i < count; i++)
            {
                order = name.SequenceCompareTo(Name(i, count));
                if (order == 0)
                {
                    nid = (long)BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(i * ErofsFormat.DirentBytes)..]) & long.MaxValue;
                    return 0;
                }

                if (order < 0)
                {
                    return i == 0 ? -1 : 0;
                }
            }

            return count == 0 ? throw Error("a directory has an empty block", 0) : 1;
        }

        private ReadOnlySpan<byte> Name(int index, int count)
        {
            int start = NameOffset(index);
            int end = index + 1 < count ? NameOffset(index + 1) : _bytes.Length;
            if (start > end || start < count * ErofsFormat.DirentBytes)
            {
                throw Error("a directory has names that are not in order", 0);
            }

            ReadOnlySpan<byte> name = _bytes[start..end];
            int terminator = name.IndexOf((byte)0);
            return terminator < 0 ? name : name[..terminator];
        }

        private int NameOffset(int index)
        {
            int offset = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[((index * ErofsFormat.DirentBytes) + 8)..]);
            return offset <= _bytes.Length ? offset : throw Error("a directory has a name outside of its block", 0);
        }
    }
}
