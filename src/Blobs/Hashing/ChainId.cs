using System.Diagnostics.CodeAnalysis;

namespace Blobs.Hashing;

/// <summary>
/// Identifies a stack of layers, applied one on top of another (OCI image-spec, config.md, "Layer ChainID").
/// </summary>
public readonly struct ChainId : IEquatable<ChainId>, IComparable<ChainId>, ISpanFormattable, ISpanParsable<ChainId>
{
    private readonly Sha256Value _value;

    internal ChainId(Sha256Value value) => _value = value;

    /// <summary>The ChainID of a bottom layer is its DiffID.</summary>
    public static ChainId Of(DiffId bottom) => Parse($"{bottom}");

    /// <summary>SHA-256 of the parent's ChainID, a space and the DiffID, both in text form.</summary>
    public static ChainId Of(ChainId parent, DiffId diffId)
    {
        Span<byte> text = stackalloc byte[(2 * Sha256Value.TextLength) + 1];
        System.Text.Encoding.ASCII.GetBytes($"{parent} {diffId}", text);
        Span<byte> hash = stackalloc byte[Sha256Value.Length];
        System.Security.Cryptography.SHA256.HashData(text, hash);
        return new ChainId(Sha256Value.Read(hash));
    }

    /// <summary>The ChainIDs of a stack, one per layer, base first.</summary>
    public static IReadOnlyList<ChainId> Chain(IReadOnlyList<DiffId> diffIds)
    {
        ArgumentNullException.ThrowIfNull(diffIds);
        var chain = new ChainId[diffIds.Count];
        for (int i = 0; i < chain.Length; i++)
        {
            chain[i] = i == 0 ? Of(diffIds[0]) : Of(chain[i - 1], diffIds[i]);
        }

        return chain;
    }

    /// <summary>The 64 lower-case hex digits, without the algorithm.</summary>
    public string Hex => _value.ToHex();

    /// <summary>Whether both identify the same stack.</summary>
    public static bool operator ==(ChainId left, ChainId right) => left.Equals(right);

    /// <summary>Whether they identify different stacks.</summary>
    public static bool operator !=(ChainId left, ChainId right) => !left.Equals(right);

    /// <summary>Order of the text forms.</summary>
    public static bool operator <(ChainId left, ChainId right) => left.CompareTo(right) < 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator <=(ChainId left, ChainId right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator >(ChainId left, ChainId right) => left.CompareTo(right) > 0;

    /// <summary>Order of the text forms.</summary>
    public static bool operator >=(ChainId left, ChainId right) => left.CompareTo(right) >= 0;

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hex digits.</summary>
    /// <exception cref="Errors.MalformedDataException">The text is anything else.</exception>
    public static ChainId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out ChainId value) ? value : throw DigestSyntax.Error("ChainID", DigestSyntax.Sha256Form, s);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static ChainId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hex digits; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ChainId result)
    {
        bool isValid = Sha256Value.TryParse(s, out Sha256Value value);
        result = new ChainId(value);
        return isValid;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out ChainId)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ChainId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public bool Equals(ChainId other) => _value.Equals(other._value);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ChainId id && Equals(id);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(ChainId other) => _value.CompareTo(other._value);

    /// <summary>The text form, <c>sha256:</c> and 64 lower-case hex digits.</summary>
    public override string ToString() => _value.ToString();

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        _value.TryFormat(destination, out charsWritten);
}
