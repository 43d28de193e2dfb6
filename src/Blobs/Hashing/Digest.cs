using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Blobs.Hashing.Internal;

namespace Blobs.Hashing;

/// <summary>
/// Identifies a blob by the hash of its bytes as they are stored and sent, compressed or not (OCI image-spec, descriptor.md,
/// "Digests"). SHA-256 or SHA-512; held inline, without a string.
/// </summary>
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>, ISpanFormattable, ISpanParsable<Digest>
{
    private const string Sha512Prefix = DigestText.Sha512 + ":";
    private const int Sha512TextLength = 7 + (4 * Sha256Value.Length);

    // A SHA-256 is in the first half; a SHA-512 fills both.
    private readonly Sha256Value _high;
    private readonly Sha256Value _low;

    internal Digest(Sha256Value sha256) => _high = sha256;

    private Digest(Sha256Value high, Sha256Value low)
    {
        Algorithm = DigestAlgorithm.Sha512;
        _high = high;
        _low = low;
    }

    /// <summary>The hash algorithm.</summary>
    public DigestAlgorithm Algorithm { get; }

    /// <summary>The 64 or 128 lower-case hex digits, without the algorithm.</summary>
    public string Hex => Algorithm == DigestAlgorithm.Sha256 ? _high.ToHex() : _high.ToHex() + _low.ToHex();

    /// <summary>Whether both have the same algorithm and hash.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether they differ in algorithm or hash.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary>Order of the text forms.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    /// <summary>The SHA-256 digest of bytes in memory.</summary>
    public static Digest OfSha256(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return FromHash(DigestAlgorithm.Sha256, hash);
    }

    /// <summary>Wraps a finished hash of 32 or 64 bytes.</summary>
    /// <exception cref="ArgumentException">The length is not the algorithm's.</exception>
    public static Digest FromHash(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash)
    {
        int length = algorithm == DigestAlgorithm.Sha256 ? SHA256.HashSizeInBytes : SHA512.HashSizeInBytes;
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, length);
        return algorithm == DigestAlgorithm.Sha256
            ? new Digest(Sha256Value.Read(hash))
            : new Digest(Sha256Value.Read(hash[..Sha256Value.Length]), Sha256Value.Read(hash[Sha256Value.Length..]));
    }

    /// <summary>Reads <c>sha256:</c> with 64 or <c>sha512:</c> with 128 lower-case hex digits.</summary>
    /// <exception cref="Errors.MalformedDataException">The text is anything else.</exception>
    public static Digest Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out Digest value) ? value : throw DigestSyntax.Error("digest", DigestSyntax.DigestForm, s);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static Digest Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <summary>Reads <c>sha256:</c> with 64 or <c>sha512:</c> with 128 lower-case hex digits; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Digest result)
    {
        if (!s.StartsWith(Sha512Prefix))
        {
            bool isValid = Sha256Value.TryParse(s, out Sha256Value value);
            result = new Digest(value);
            return isValid;
        }

        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        bool isSha512 = Sha256Value.TryReadHex(s[Sha512Prefix.Length..], hash);
        result = isSha512 ? FromHash(DigestAlgorithm.Sha512, hash) : default;
        return isSha512;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out Digest)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Digest result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public bool Equals(Digest other) => Algorithm == other.Algorithm && _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Digest digest && Equals(digest);

    /// <inheritdoc/>
    public override int GetHashCode() => _high.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Digest other)
    {
        int order = Algorithm.CompareTo(other.Algorithm);
        order = order != 0 ? order : _high.CompareTo(other._high);
        return order != 0 ? order : _low.CompareTo(other._low);
    }

    /// <summary>The text form: algorithm, a colon and the hex digits.</summary>
    public override string ToString() =>
        Algorithm == DigestAlgorithm.Sha256 ? _high.ToString() : string.Concat(Sha512Prefix, Hex);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        if (Algorithm == DigestAlgorithm.Sha256)
        {
            return _high.TryFormat(destination, out charsWritten);
        }

        charsWritten = destination.Length >= Sha512TextLength ? Sha512TextLength : 0;
        return charsWritten > 0 && ToString().TryCopyTo(destination);
    }
}
