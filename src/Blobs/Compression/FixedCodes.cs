using System.Diagnostics;

namespace Blobs.Compression;

/// <summary>The tables of DEFLATE blocks with fixed codes (RFC 1951, 3.2.6).</summary>
internal static class FixedCodes
{
    public static readonly uint[] LengthTable = MakeLengthTable();

    public static readonly uint[] DistanceTable = MakeDistanceTable();

    private static uint[] MakeLengthTable()
    {
        Span<byte> lengths = stackalloc byte[HuffmanTable.LengthSymbols];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        var table = new uint[HuffmanTable.LengthEntries];
        bool isBuilt = HuffmanTable.TryBuild(
            table, HuffmanTable.LengthRootBits, lengths, HuffmanTable.LengthTemplates, mayBeIncomplete: false);
        Debug.Assert(isBuilt, "The fixed code is complete.");
        return table;
    }

    private static uint[] MakeDistanceTable()
    {
        Span<byte> lengths = stackalloc byte[HuffmanTable.DistanceSymbols];
        lengths.Fill(5);
        var table = new uint[HuffmanTable.DistanceEntries];
        bool isBuilt = HuffmanTable.TryBuild(
            table, HuffmanTable.DistanceRootBits, lengths, HuffmanTable.DistanceTemplates, mayBeIncomplete: false);
        Debug.Assert(isBuilt, "The fixed code is complete.");
        return table;
    }
}
