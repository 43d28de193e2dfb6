using System.Diagnostics.CodeAnalysis;

namespace Blobs.Hashing;

/// <summary>
/// Identifies a layer by the SHA-256 of its uncompressed tar, including any bytes after the end marker (OCI image-spec,
/// config.md, "Layer DiffID").
/// </summary>
public readonly struct DiffId : IEquatable<DiffId>, IComparable<DiffId>, ISpanFormattable, ISpanParsable<DiffId>
{
    private readonly Sha256Value _value;

    internal DiffId(Sha256Value value) => _value = value;

    /// <summary>The 64 lower-case hex digits, without the algorithm.</summary>
    public string Hex => _value.ToHex();

    /// <summary>The DiffID of a tar without entries, 1,024 zero bytes: the layer of a build step that changed nothing.</summary>
    public static DiffId Empty { get; } = Parse("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");

    /// <summary>The digest of the layer as an uncompressed blob.</summary>
    public Digest ToDigest() => new(_value);

    /// <summary>Whether both identify the same tar.</summary>
    public static bool operator ==(DiffId left, DiffId right) => left.Equals(right);

    /// <summary>Whether they identify different tars.</summary>
    public static bool operator !=(DiffId left, DiffId right) => !left.Equals(right);

    /// <summary>Order of the text forms.</summary>
    public static bool operator <(DiffId left, DiffId right) => left.CompareTo(right) < 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator <=(DiffId left, DiffId right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator >(DiffId left, DiffId right) => left.CompareTo(right) > 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator >=(DiffId left, DiffId right) => left.CompareTo(right) >= 0;

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hex digits.</summary>
    /// <exception cref="Errors.MalformedDataException">The text is anything else.</exception>
    public static DiffId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out DiffId value) ? value : throw DigestSyntax.Error("DiffID", DigestSyntax.Sha256Form, s);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static DiffId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hex digits; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out DiffId result)
    {
        bool isValid = Sha256Value.TryParse(s, out Sha256Value value);
        result = new DiffId(value);
        return isValid;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out DiffId)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DiffId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public bool Equals(DiffId other) => _value.Equals(other._value);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is DiffId id && Equals(id);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(DiffId other) => _value.CompareTo(other._value);

    /// <summary>The text form, <c>sha256:</c> and 64 lower-case hex digits.</summary>
    public override string ToString() => _value.ToString();

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        _value.TryFormat(destination, out charsWritten);
}
