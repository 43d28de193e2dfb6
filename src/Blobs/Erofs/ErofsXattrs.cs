using System.Buffers;
using System.Buffers.Binary;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>Writes extended attributes as they lie behind an inode.</summary>
internal sealed class ErofsXattrs
{
    private const byte Trusted = 4;

    // Room for the two attributes that a directory may get at the end.
    private const int OverlayBytes = 40;

    // The table of the format: attributes are stored without their prefix. In the order of the prefixes.
    private static readonly (byte Index, byte[] Prefix)[] Prefixes =
    [
        (6, "security."u8.ToArray()),
        (2, "system.posix_acl_access"u8.ToArray()),
        (3, "system.posix_acl_default"u8.ToArray()),
        (Trusted, "trusted."u8.ToArray()),
        (1, "user."u8.ToArray()),
    ];

    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<int> _order = [];

    /// <summary>Attributes that were left out: the format cannot hold them, or overlayfs would obey them.</summary>
    public long Skipped { get; private set; }

    private static ReadOnlySpan<byte> Opaque => "overlay.opaque"u8;

    private static ReadOnlySpan<byte> Origin => "overlay.origin"u8;

    /// <summary>The attributes of an entry, in the order of their names; empty when there are none.</summary>
    public ReadOnlySpan<byte> Encode(TarEntry entry)
    {
        _order.Clear();
        for (int i = 0; i < entry.XattrCount; i++)
        {
            if (IsHeld(entry.XattrName(i)))
            {
                Insert(entry, i);
            }
            else
            {
                Skipped++;
            }
        }

        Begin();
        foreach (int i in _order)
        {
            (byte index, byte[] prefix) = PrefixOf(entry.XattrName(i));
            ReadOnlySpan<byte> suffix = entry.XattrName(i)[prefix.Length..];
            if (suffix.Length > byte.MaxValue || entry.XattrValue(i).Length > ushort.MaxValue)
            {
                throw ErofsRefusal.Of(Fault.ErofsEntry, entry, "has an extended attribute that is too large");
            }

            Add(index, suffix, entry.XattrValue(i));
        }

        return _body.WrittenCount <= ErofsFormat.XattrBytesMax - OverlayBytes
            ? Ended()
            : throw ErofsRefusal.Of(Fault.ErofsEntry, entry, "has extended attributes that are too large");
    }

    /// <summary>The attributes of a directory, and those that tell overlayfs how to merge it.</summary>
    /// <param name="body">The attributes, as encoded.</param>
    /// <param name="isOpaque">Whether it hides the directories below it.</param>
    /// <param name="hidesNames">Whether it has whiteouts. Without the attribute overlayfs would list them where no lower layer has that
    /// directory.</param>
    public ReadOnlySpan<byte> WithOverlay(ReadOnlySpan<byte> body, bool isOpaque, bool hidesNames)
    {
        Begin();
        ReadOnlySpan<byte> rest = body.IsEmpty ? body : body[ErofsFormat.XattrHeaderBytes..];
        while (!rest.IsEmpty && IsBeforeOverlay(rest))
        {
            rest = CopyEntry(rest);
        }

        if (isOpaque)
        {
            Add(Trusted, Opaque, "y"u8);
        }

        if (hidesNames)
        {
            Add(Trusted, Origin, []);
        }

        _body.Write(rest);
        return Ended();
    }

    private static bool IsHeld(ReadOnlySpan<byte> name)
    {
        (byte index, byte[] prefix) = PrefixOf(name);
        bool isAcl = index is 2 or 3;
        bool isOverlay = name.StartsWith("trusted.overlay."u8) || name.StartsWith("user.overlay."u8);
        return index != 0 && !isOverlay && isAcl == (name.Length == prefix.Length);
    }

    private static (byte Index, byte[] Prefix) PrefixOf(ReadOnlySpan<byte> name)
    {
        foreach ((byte Index, byte[] Prefix) candidate in Prefixes)
        {
            if (name.StartsWith(candidate.Prefix))
            {
                return candidate;
            }
        }

        return (0, []);
    }

    // Of two attributes with the same name, the later one counts.
    private void Insert(TarEntry entry, int index)
    {
        int at = 0;
        int order = 1;
        while (at < _order.Count && (order = entry.XattrName(_order[at]).SequenceCompareTo(entry.XattrName(index))) < 0)
        {
            at++;
        }

        if (at < _order.Count && order == 0)
        {
            _order[at] = index;
            return;
        }

        _order.Insert(at, index);
    }

    private void Begin()
    {
        _body.ResetWrittenCount();
        _body.GetSpan(ErofsFormat.XattrHeaderBytes)[..ErofsFormat.XattrHeaderBytes].Clear();
        _body.Advance(ErofsFormat.XattrHeaderBytes);
    }

    private void Add(byte index, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> value)
    {
        int length = ErofsFormat.XattrEntryHeaderBytes + suffix.Length + value.Length;
        int padded = (int)ErofsFormat.RoundUp(length, sizeof(uint));
        Span<byte> entry = _body.GetSpan(padded)[..padded];
        entry[0] = (byte)suffix.Length;
        entry[1] = index;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)value.Length);
        suffix.CopyTo(entry[ErofsFormat.XattrEntryHeaderBytes..]);
        value.CopyTo(entry[(ErofsFormat.XattrEntryHeaderBytes + suffix.Length)..]);
        entry[length..].Clear();
        _body.Advance(padded);
    }

    private ReadOnlySpan<byte> Ended() => _body.WrittenCount == ErofsFormat.XattrHeaderBytes ? [] : _body.WrittenSpan;

    private static bool IsBeforeOverlay(ReadOnlySpan<byte> entry)
    {
        int rank = RankOf(entry[1]);
        int overlay = RankOf(Trusted);
        return rank < overlay
            || (rank == overlay && entry.Slice(ErofsFormat.XattrEntryHeaderBytes, entry[0]).SequenceCompareTo(Opaque) < 0);
    }

    private static int RankOf(byte index) => Array.FindIndex(Prefixes, candidate => candidate.Index == index);

    private ReadOnlySpan<byte> CopyEntry(ReadOnlySpan<byte> entry)
    {
        int length = ErofsFormat.XattrEntryHeaderBytes + entry[0] + BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
        int padded = (int)ErofsFormat.RoundUp(length, sizeof(uint));
        _body.Write(entry[..padded]);
        return entry[padded..];
    }
}
