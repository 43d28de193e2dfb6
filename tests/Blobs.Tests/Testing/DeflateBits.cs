namespace Blobs.Tests.Testing;

/// <summary>Writes valid and invalid DEFLATE streams (RFC 1951), bit by bit.</summary>
internal sealed class DeflateBits
{
    private static readonly int[] PrecodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly List<byte> _bytes = [];
    private int _bitCount;

    /// <summary>Writes a number, lowest bit first, as for everything except codes.</summary>
    public DeflateBits Number(int value, int bitCount)
    {
        for (int bit = 0; bit < bitCount; bit++)
        {
            if (_bitCount % 8 == 0)
            {
                _bytes.Add(0);
            }

            _bytes[^1] |= (byte)(((value >> bit) & 1) << (_bitCount % 8));
            _bitCount++;
        }

        return this;
    }

    /// <summary>Writes a Huffman code, highest bit first.</summary>
    public DeflateBits Code(int code, int bitCount)
    {
        for (int bit = bitCount - 1; bit >= 0; bit--)
        {
            Number((code >> bit) & 1, 1);
        }

        return this;
    }

    public DeflateBits Header(bool isFinal, int type) => Number(isFinal ? 1 : 0, 1).Number(type, 2);

    public DeflateBits Stored(bool isFinal, ReadOnlySpan<byte> bytes, int complementError = 0)
    {
        Header(isFinal, 0);
        Number(0, (8 - (_bitCount % 8)) % 8);
        Number(bytes.Length, 16).Number((bytes.Length ^ 0xffff) + complementError, 16);
        foreach (byte value in bytes)
        {
            Number(value, 8);
        }

        return this;
    }

    /// <summary>Writes a symbol of the fixed code (RFC 1951, 3.2.6): a literal, the end of the block, or a length
    /// without its extra bits.</summary>
    public DeflateBits Fixed(int symbol) => symbol switch
    {
        < 144 => Code(0x30 + symbol, 8),
        < 256 => Code(0x190 + symbol - 144, 9),
        < 280 => Code(symbol - 256, 7),
        _ => Code(0xc0 + symbol - 280, 8),
    };

    /// <summary>Writes the header of a dynamic block: counts, a precode of four bits for every symbol, and the code
    /// lengths without repeats.</summary>
    public DeflateBits Dynamic(bool isFinal, int[] lengths, int[] distances)
    {
        DynamicCounts(isFinal, lengths.Length, distances.Length);
        foreach (int length in lengths.Concat(distances))
        {
            Precode(length);
        }

        return this;
    }

    /// <summary>Writes the same header without the code lengths. The precode has sixteen codes of four bits, for the
    /// lengths 0 to 15.</summary>
    public DeflateBits DynamicCounts(bool isFinal, int lengthCount, int distanceCount)
    {
        Header(isFinal, 2).Number(lengthCount - 257, 5).Number(distanceCount - 1, 5).Number(19 - 4, 4);
        foreach (int symbol in PrecodeOrder)
        {
            Number(symbol < 16 ? 4 : 0, 3);
        }

        return this;
    }

    /// <summary>Writes the same header with a precode of all nineteen symbols: thirteen codes of four bits and six of
    /// five.</summary>
    public DeflateBits DynamicCountsWithRepeats(bool isFinal, int lengthCount, int distanceCount)
    {
        Header(isFinal, 2).Number(lengthCount - 257, 5).Number(distanceCount - 1, 5).Number(19 - 4, 4);
        foreach (int symbol in PrecodeOrder)
        {
            Number(symbol < 13 ? 4 : 5, 3);
        }

        return this;
    }

    public DeflateBits Precode(int symbol) => Code(symbol, 4);

    public DeflateBits PrecodeWithRepeats(int symbol) => symbol < 13 ? Code(symbol, 4) : Code(26 + symbol - 13, 5);

    public byte[] ToArray() => [.. _bytes];
}
