using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Blobs.Hashing.Internal;

namespace Blobs.Hashing;

/// <summary>The 32 bytes of a SHA-256 hash, held inline and compared as one big-endian number. DiffId, ChainId and Digest are made
/// of it.</summary>
internal readonly record struct Sha256Value(ulong A, ulong B, ulong C, ulong D) : IComparable<Sha256Value>
{
    public const int Length = 32;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    public const string Prefix = DigestText.Sha256Prefix;

    /// <summary>Length of the text form, <c>sha256:</c> and 64 digits.</summary>
    public const int TextLength = 7 + (2 * Length);

    public static Sha256Value Read(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Length);
        return new Sha256Value(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Sha256Value value)
    {
        value = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != TextLength || !text.StartsWith(Prefix) || !TryReadHex(text[Prefix.Length..], bytes))
        {
            return false;
        }

        value = Read(bytes);
        return true;
    }

    /// <summary>Reads lower-case hex digits, the only form that registries and engines accept.</summary>
    public static bool TryReadHex(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != 2 * bytes.Length || text.ContainsAnyExcept(LowerHex))
        {
            return false;
        }

        return Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;
    }

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }

    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public bool TryFormat(Span<char> target, out int written)
    {
        written = 0;
        if (target.Length < TextLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        Prefix.CopyTo(target);
        Convert.TryToHexStringLower(bytes, target[Prefix.Length..], out _);
        written = TextLength;
        return true;
    }

    public int CompareTo(Sha256Value other) =>
        A != other.A ? A.CompareTo(other.A)
        : B != other.B ? B.CompareTo(other.B)
        : C != other.C ? C.CompareTo(other.C)
        : D.CompareTo(other.D);

    public override string ToString() => string.Concat(Prefix, ToHex());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override int GetHashCode() => (int)A;
}
