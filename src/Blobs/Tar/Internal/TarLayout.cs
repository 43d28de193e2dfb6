using System.ComponentModel;

namespace Blobs.Tar.Internal;

/// <summary>
/// Offsets and lengths of the fields of a 512-byte header: POSIX.1-1988 ustar first, then the fields that star and GNU tar have in
/// place of the ustar prefix. Each offset is computed from the lengths before it, so that a wrong length shows.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TarLayout
{
    public const int BlockBytes = 512;

    public const int NameLength = 100;
    public const int NumberLength = 8;
    public const int LongNumberLength = 12;
    public const int MagicLength = 6;
    public const int VersionLength = 2;
    public const int OwnerNameLength = 32;
    public const int PrefixLength = 155;

    public const int Name = 0;
    public const int Mode = Name + NameLength;
    public const int Uid = Mode + NumberLength;
    public const int Gid = Uid + NumberLength;
    public const int Size = Gid + NumberLength;
    public const int ModifiedTime = Size + LongNumberLength;
    public const int Checksum = ModifiedTime + LongNumberLength;
    public const int TypeFlag = Checksum + NumberLength;
    public const int LinkName = TypeFlag + 1;
    public const int Magic = LinkName + NameLength;
    public const int Version = Magic + MagicLength;
    public const int UserName = Version + VersionLength;
    public const int GroupName = UserName + OwnerNameLength;
    public const int DeviceMajor = GroupName + OwnerNameLength;
    public const int DeviceMinor = DeviceMajor + NumberLength;
    public const int Prefix = DeviceMinor + NumberLength;

    // star: a shorter prefix, then two times, and a trailer that distinguishes it from ustar.
    public const int StarPrefixLength = 131;
    public const int StarAccessTime = Prefix + StarPrefixLength;
    public const int StarTrailer = BlockBytes - StarTrailerLength;
    public const int StarTrailerLength = 4;

    // GNU: two times, then (after an offset, a pointer to long names and a byte of padding) the old sparse map.
    public const int GnuAccessTime = Prefix;
    public const int GnuChangeTime = GnuAccessTime + LongNumberLength;
    public const int GnuSparse = GnuChangeTime + LongNumberLength + LongNumberLength + 4 + 1;
    public const int GnuSparseChunks = 4;
    public const int SparseChunkLength = 2 * LongNumberLength;
    public const int GnuIsExtended = GnuSparse + (GnuSparseChunks * SparseChunkLength);
    public const int GnuRealSize = GnuIsExtended + 1;

    // A continuation block of the old sparse map holds only chunks and the flag.
    public const int ContinuationChunks = 21;
    public const int ContinuationIsExtended = ContinuationChunks * SparseChunkLength;

    /// <summary>Bytes of padding after a payload, up to the next block.</summary>
    public static int PaddingOf(long payloadBytes) => (int)(-payloadBytes & (BlockBytes - 1));
}
