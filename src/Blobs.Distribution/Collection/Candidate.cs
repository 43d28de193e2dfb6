using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>The digest of an entry of the condemned list, or what stands for a tag, in 32 bytes that are sorted as its text
/// is.</summary>
internal readonly record struct CandidateKey(UInt128 High, UInt128 Low) : IComparable<CandidateKey>
{
    private const int HalfLength = 32;

    /// <summary>Number of different first bytes.</summary>
    public const int FirstBytes = 256;

    /// <summary>The first byte, by which candidates are grouped.</summary>
    public int FirstByte => (int)(High >> (128 - 8));

    public static CandidateKey Of(Digest digest)
    {
        const int PrefixLength = 7;
        Span<char> text = stackalloc char[PrefixLength + (2 * HalfLength)];
        digest.TryFormat(text, out _);
        return Parse(text[PrefixLength..]);
    }

    public static CandidateKey Parse(ReadOnlySpan<char> hex) => new(
        UInt128.Parse(hex[..HalfLength], NumberStyles.AllowHexSpecifier, null),
        UInt128.Parse(hex[HalfLength..], NumberStyles.AllowHexSpecifier, null));

    public int CompareTo(CandidateKey other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public string ToHex() => $"{High:x32}{Low:x32}";

    public Digest ToDigest()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(hash, High);
        BinaryPrimitives.WriteUInt128BigEndian(hash[(SHA256.HashSizeInBytes / 2)..], Low);
        return Digest.FromHash(DigestAlgorithm.Sha256, hash);
    }
}

/// <summary>One thing that a mark found to be garbage: the bytes of a digest, or a reference.</summary>
internal struct Candidate : IComparable<Candidate>
{
    // One more than the kind; 0 for the bytes.
    private byte _kind;

    /// <summary>The digest of its entry.</summary>
    public CandidateKey Key { get; init; }

    /// <summary>The kind of the reference; null for the bytes.</summary>
    public ReferenceKind? Kind
    {
        readonly get => _kind == 0 ? null : (ReferenceKind)(_kind - 1);
        init => _kind = value is { } kind ? (byte)(kind + 1) : (byte)0;
    }

    /// <summary>The number of the repository in the collection's list; not used for bytes.</summary>
    public int Repository { get; init; }

    /// <summary>The tag of a history, the subject of a referrer, or the alias of a blob or manifest; null where
    /// the digest is the name.</summary>
    public string? Name { get; init; }

    /// <summary>The tag, as it was read.</summary>
    public KnownTag? Tag { get; init; }

    /// <summary>The length of the bytes.</summary>
    public long Length { get; init; }

    /// <summary>Whether the second mark found the same.</summary>
    public bool IsConfirmed { get; set; }

    public readonly int CompareTo(Candidate other)
    {
        int order = Key.CompareTo(other.Key);
        order = order != 0 ? order : _kind.CompareTo(other._kind);
        order = order != 0 ? order : Repository.CompareTo(other.Repository);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }
}
