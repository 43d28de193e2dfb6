using System.Buffers;
using System.IO.Compression;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Compression;

/// <summary>The special cases and faults of RFC 1951, with input and output cut in different ways, so that both the fast loop and the
/// careful one decode them.</summary>
public sealed class InflaterTests
{
    private const int EndOfBlock = 256;

    [Fact]
    public void Inflates_an_empty_stored_block() => Assert.Empty(Good(new DeflateBits().Stored(true, [])));

    [Fact]
    public void Inflates_consecutive_stored_blocks() =>
        Assert.Equal("abc"u8.ToArray(), Good(new DeflateBits().Stored(false, "ab"u8).Stored(false, []).Stored(true, "c"u8)));

    [Fact]
    public void Inflates_empty_fixed_blocks() => Assert.Equal(
        "a"u8.ToArray(),
        Good(new DeflateBits().Header(false, 1).Fixed(EndOfBlock).Header(true, 1).Fixed('a').Fixed(EndOfBlock)));

    [Fact]
    public void Inflates_empty_dynamic_blocks()
    {
        int[] lengths = Lengths((EndOfBlock, 1), ('a', 1));
        DeflateBits bits = new DeflateBits().Dynamic(false, lengths, [0]).Code(1, 1).Dynamic(true, lengths, [0]).Code(0, 1).Code(1, 1);
        Assert.Equal("a"u8.ToArray(), Good(bits));
    }

    [Fact]
    public void A_dynamic_block_may_have_one_code_of_one_bit()
    {
        // Lengths: only the end-of-block code. Distances: one code, as zlib allows.
        Assert.Empty(Good(new DeflateBits().Dynamic(true, Lengths((EndOfBlock, 1)), [1]).Code(0, 1)));
    }

    [Fact]
    public void A_match_may_overlap_what_it_writes()
    {
        // 'a', then length 258 (symbol 285) at distance 1 (symbol 0).
        byte[] found = Good(new DeflateBits().Header(true, 1).Fixed('a').Fixed(285).Code(0, 5).Fixed(EndOfBlock));
        Assert.Equal(Enumerable.Repeat((byte)'a', 259), found);
    }

    [Fact]
    public void A_match_reaches_back_at_most_one_window()
    {
        byte[] window = new byte[Inflater.WindowBytes];
        new Random(1).NextBytes(window);
        byte[] found = Good(new DeflateBits().Stored(false, window).Header(true, 1)
            .Fixed(257).Code(29, 5).Number(32768 - 24577, 13).Fixed(EndOfBlock));
        Assert.Equal([.. window, .. window[..3]], found);

        // The maximum distance, with one byte less of output before it.
        AssertBad(Fault.DeflateDistance, new DeflateBits().Stored(false, window[1..]).Header(true, 1)
            .Fixed(257).Code(29, 5).Number(32768 - 24577, 13).Fixed(EndOfBlock));
    }

    [Fact]
    public void Rejects_a_match_before_the_first_byte() =>
        AssertBad(Fault.DeflateDistance, new DeflateBits().Header(true, 1).Fixed('a').Fixed(257).Code(1, 5).Fixed(EndOfBlock));

    [Fact]
    public void Rejects_block_type_three() => AssertBad(Fault.DeflateBlockType, new DeflateBits().Header(true, 3));

    [Fact]
    public void Rejects_a_stored_length_that_does_not_match_its_complement() =>
        AssertBad(Fault.DeflateStoredLength, new DeflateBits().Stored(true, "ab"u8, complementError: -1));

    [Theory]
    [InlineData(286)]
    [InlineData(287)]
    public void Rejects_unused_length_symbols(int symbol) =>
        AssertBad(Fault.DeflateSymbol, new DeflateBits().Header(true, 1).Fixed('a').Fixed(symbol).Code(0, 5).Fixed(EndOfBlock));

    [Theory]
    [InlineData(30)]
    [InlineData(31)]
    public void Rejects_unused_distance_symbols(int symbol) =>
        AssertBad(Fault.DeflateSymbol, new DeflateBits().Header(true, 1).Fixed('a').Fixed(257).Code(symbol, 5).Fixed(EndOfBlock));

    [Fact]
    public void Rejects_a_match_in_a_block_without_distance_codes() => AssertBad(
        Fault.DeflateSymbol, new DeflateBits().Dynamic(true, Lengths((EndOfBlock, 1), (257, 1)), [0]).Code(1, 1).Number(0, 1));

    [Fact]
    public void Rejects_an_oversubscribed_code() =>
        AssertBad(Fault.DeflateCode, new DeflateBits().Dynamic(true, Lengths(('a', 1), ('b', 1), (EndOfBlock, 1)), [0]));

    [Fact]
    public void Rejects_an_incomplete_code() =>
        AssertBad(Fault.DeflateCode, new DeflateBits().Dynamic(true, Lengths(('a', 2), ('b', 2), (EndOfBlock, 2)), [0]));

    [Fact]
    public void Rejects_an_incomplete_distance_code() =>
        AssertBad(Fault.DeflateCode, new DeflateBits().Dynamic(true, Lengths(('a', 1), (EndOfBlock, 1)), [2, 2, 2]));

    [Fact]
    public void Rejects_an_oversubscribed_distance_code() =>
        AssertBad(Fault.DeflateCode, new DeflateBits().Dynamic(true, Lengths(('a', 1), (EndOfBlock, 1)), [1, 1, 1]));

    [Fact]
    public void Rejects_a_block_without_an_end_of_block_code() =>
        AssertBad(Fault.DeflateCode, new DeflateBits().Dynamic(true, Lengths(('a', 1), ('b', 1)), [0]));

    [Fact]
    public void Rejects_an_incomplete_precode()
    {
        DeflateBits bits = new DeflateBits().Header(true, 2).Number(0, 5).Number(0, 5).Number(0, 4);
        AssertBad(Fault.DeflateCode, bits.Number(2, 3).Number(0, 3).Number(0, 3).Number(0, 3));
    }

    [Theory]
    [InlineData(287, 1)]
    [InlineData(288, 1)]
    [InlineData(257, 31)]
    [InlineData(257, 32)]
    public void Rejects_more_symbols_than_exist(int lengths, int distances) =>
        AssertBad(Fault.DeflateSymbolCount, new DeflateBits().DynamicCounts(true, lengths, distances));

    [Fact]
    public void Rejects_a_repeat_with_nothing_to_repeat() => AssertBad(
        Fault.DeflateRepeat, new DeflateBits().DynamicCountsWithRepeats(true, 257, 1).PrecodeWithRepeats(16).Number(0, 2));

    [Fact]
    public void Rejects_a_repeat_past_the_end_of_the_list()
    {
        DeflateBits bits = new DeflateBits().DynamicCountsWithRepeats(true, 257, 1).PrecodeWithRepeats(18).Number(127, 7);
        AssertBad(Fault.DeflateRepeat, bits.PrecodeWithRepeats(18).Number(127, 7));
    }

    [Fact]
    public void A_block_without_end_needs_more_data()
    {
        DeflateBits bits = new DeflateBits().Header(true, 1);
        for (int i = 0; i < 1000; i++)
        {
            bits.Fixed('x');
        }

        (OperationStatus status, _, byte[] output) = Run(bits.ToArray(), sourceBytes: 100, targetBytes: 100);
        Assert.Equal(OperationStatus.NeedMoreData, status);
        Assert.Equal(1000, output.Length);
    }

    [Fact]
    public void Endless_empty_blocks_give_no_output()
    {
        DeflateBits bits = new();
        for (int i = 0; i < 10_000; i++)
        {
            bits.Header(false, 1).Fixed(EndOfBlock);
        }

        (OperationStatus status, _, byte[] output) = Run(bits.ToArray(), sourceBytes: 64, targetBytes: 64);
        Assert.Equal(OperationStatus.NeedMoreData, status);
        Assert.Empty(output);
    }

    [Fact]
    public void Output_of_a_decompression_bomb_comes_in_pieces_of_the_targets_size()
    {
        DeflateBits bits = new DeflateBits().Header(true, 1).Fixed('a');
        for (int i = 0; i < 4000; i++)
        {
            bits.Fixed(285).Code(0, 5);
        }

        (OperationStatus status, _, byte[] output) = Run(bits.Fixed(EndOfBlock).ToArray(), int.MaxValue, targetBytes: 1000);
        Assert.Equal(OperationStatus.Done, status);
        Assert.Equal(1 + (4000 * 258), output.Length);
    }

    [Fact]
    public void Does_not_consume_bytes_after_the_final_block()
    {
        byte[] stream = [.. new DeflateBits().Header(true, 1).Fixed('a').Fixed(EndOfBlock).ToArray(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        var inflater = new Inflater();
        inflater.Reset();
        Assert.Equal(OperationStatus.Done, inflater.Inflate(stream, new byte[100], 0, out int consumed, out int written));
        Assert.Equal((stream.Length - 10, 1), (consumed, written));
    }

    [Fact]
    public void A_truncated_stream_needs_more_data_and_gives_no_wrong_byte()
    {
        byte[] plain = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(i => $"{i} and {i * i}, ")));
        byte[] stream = Deflate(plain, CompressionLevel.SmallestSize);
        for (int length = 0; length < stream.Length; length++)
        {
            (OperationStatus status, _, byte[] output) = Run(stream[..length], int.MaxValue, 1 << 16);
            Assert.Equal(OperationStatus.NeedMoreData, status);
            Assert.True(plain.AsSpan().StartsWith(output), $"{length} bytes");
        }
    }

    [Fact]
    public void Inflates_streams_of_zlib_however_they_are_cut() =>
        Gen.Select(Gen.Byte[0, 200], Gen.Int[0, 20_000], Gen.Int[0, 3], Gen.Int[1, 300], Gen.Int[1, 600]).Sample(
            (seed, length, level, sourceBytes, targetBytes) =>
            {
                byte[] plain = Mixed(seed, length);
                byte[] stream = Deflate(plain, (CompressionLevel)level);
                (OperationStatus status, _, byte[] output) = Run(stream, sourceBytes, targetBytes);
                return status == OperationStatus.Done && output.AsSpan().SequenceEqual(plain);
            });

    [Fact]
    public void Inflates_data_that_hardly_compresses_however_it_is_cut() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[10_000, 60_000], Gen.Int[1, 3000], Gen.Int[300, 6000]).Sample(
            (seed, length, sourceBytes, targetBytes) =>
            {
                // Some values are a little more frequent than others, which gives codes of seven to nine bits and few matches.
                var random = new Random(seed);
                byte[] plain = new byte[length];
                random.NextBytes(plain);
                for (int i = 0; i < length; i += 1 + random.Next(12))
                {
                    plain[i] = (byte)random.Next(32);
                }

                byte[] stream = Deflate(plain, CompressionLevel.Optimal);
                (OperationStatus status, _, byte[] output) = Run(stream, sourceBytes, targetBytes);
                return stream.Length < plain.Length && status == OperationStatus.Done && output.AsSpan().SequenceEqual(plain);
            },
            iter: 200);

    [Fact]
    public void Damaged_streams_give_the_same_result_however_they_are_cut() =>
        Gen.Select(Gen.Byte[0, 200], Gen.Int[1, 3000], Gen.Int[0, 1 << 20], Gen.Int[1, 40], Gen.Int[1, 400]).Sample(
            (seed, length, flip, sourceBytes, targetBytes) =>
            {
                byte[] stream = Deflate(Mixed(seed, length), CompressionLevel.Optimal);
                stream[flip / 8 % stream.Length] ^= (byte)(1 << (flip % 8));
                (OperationStatus status, Fault fault, byte[] output) = Run(stream, int.MaxValue, 1 << 20);
                (OperationStatus cutStatus, Fault cutFault, byte[] cutOutput) = Run(stream, sourceBytes, targetBytes);
                return status == cutStatus && fault == cutFault && output.AsSpan().SequenceEqual(cutOutput);
            });

    [Fact]
    public void Decoding_can_start_at_every_observed_block() =>
        Gen.Select(Gen.Byte[0, 50], Gen.Int[1, 200_000], Gen.Int[1, 5000]).Sample((seed, length, sourceBytes) =>
        {
            // Only digits, so that there are no stored blocks: these cannot be moved to another bit position.
            byte[] plain = Digits(seed, length);
            byte[] stream = [.. Deflate(plain, CompressionLevel.Optimal), 0];
            var blocks = new BlockCollector();
            Run(stream, sourceBytes, 10_000, blocks);
            Assert.Equal(0, blocks.Found[0].InputBits);
            foreach ((long inputBits, long outputBytes, byte[] window) in blocks.Found)
            {
                Assert.Equal(plain[Math.Max(0, (int)outputBytes - Inflater.WindowBytes)..(int)outputBytes], window);

                // The rest of the stream, moved to a byte boundary, after stored blocks that give the window.
                var bits = new DeflateBits();
                foreach (byte[] part in window.Chunk(60_000))
                {
                    bits.Stored(false, part);
                }

                for (long bit = inputBits; bit < (stream.Length - 1) * 8; bit++)
                {
                    bits.Number((stream[bit / 8] >> (int)(bit % 8)) & 1, 1);
                }

                Assert.Equal(plain[(int)outputBytes..], Run(bits.ToArray(), int.MaxValue, 1 << 20).Output[window.Length..]);
            }
        }, iter: 20);

    private static byte[] Good(DeflateBits bits)
    {
        byte[] stream = bits.ToArray();
        (OperationStatus status, _, byte[] whole) = Run(stream, int.MaxValue, 1 << 20);
        Assert.Equal(OperationStatus.Done, status);
        for (int pieceBytes = 1; pieceBytes < 5; pieceBytes++)
        {
            Assert.Equal(whole, Run(stream, pieceBytes, pieceBytes * 7).Output);
        }

        return whole;
    }

    // Rejected as a whole and in pieces, with and without enough input for the margins of the fast loop.
    private static void AssertBad(Fault fault, DeflateBits bits)
    {
        byte[] stream = bits.ToArray();
        Assert.Equal((OperationStatus.InvalidData, fault), Verdict(stream, int.MaxValue, 1 << 20));
        Assert.Equal((OperationStatus.InvalidData, fault), Verdict([.. stream, .. new byte[100]], int.MaxValue, 1 << 20));
        Assert.Equal((OperationStatus.InvalidData, fault), Verdict(stream, 1, 7));
    }

    private static (OperationStatus Status, Fault Fault) Verdict(byte[] stream, int sourceBytes, int targetBytes)
    {
        (OperationStatus status, Fault fault, _) = Run(stream, sourceBytes, targetBytes);
        return (status, fault);
    }

    // The target is a window and `targetBytes` bytes. The memory after it must not change.
    private static (OperationStatus Status, Fault Fault, byte[] Output) Run(
        byte[] stream, int sourceBytes, int targetBytes, IBlockObserver? observer = null)
    {
        const byte Canary = 0xa5;
        var inflater = new Inflater { Observer = observer };
        inflater.Reset();
        byte[] memory = new byte[Inflater.WindowBytes + targetBytes + 64];
        memory.AsSpan().Fill(Canary);
        Span<byte> target = memory.AsSpan(0, Inflater.WindowBytes + targetBytes);
        var output = new List<byte>();
        int start = 0;
        int position = Inflater.WindowBytes;
        while (true)
        {
            int length = Math.Min(sourceBytes, stream.Length - start);
            OperationStatus status = inflater.Inflate(stream.AsSpan(start, length), target, position, out int consumed, out int written);
            output.AddRange(target.Slice(position, written));
            start += consumed;
            position += written;
            Assert.DoesNotContain(memory[target.Length..], value => value != Canary);
            if (status == OperationStatus.DestinationTooSmall)
            {
                target[(position - Inflater.WindowBytes)..position].CopyTo(target);
                position = Inflater.WindowBytes;
            }
            else if (status != OperationStatus.NeedMoreData || start == stream.Length)
            {
                return (status, inflater.Fault, [.. output]);
            }
        }
    }

    private static int[] Lengths(params (int Symbol, int Length)[] codes)
    {
        int[] lengths = new int[Math.Max(257, codes.Max(code => code.Symbol) + 1)];
        foreach ((int symbol, int length) in codes)
        {
            lengths[symbol] = length;
        }

        return lengths;
    }

    // Text, random bytes, runs and repetitions, so that all kinds of blocks and distances occur.
    private static byte[] Mixed(int seed, int length)
    {
        var random = new Random(seed);
        var bytes = new List<byte>(length + 300);
        while (bytes.Count < length)
        {
            int count = random.Next(1, 300);
            switch (random.Next(4))
            {
                case 0:
                    bytes.AddRange(Enumerable.Repeat((byte)random.Next(256), count));
                    break;
                case 1:
                    byte[] noise = new byte[count];
                    random.NextBytes(noise);
                    bytes.AddRange(noise);
                    break;
                case 2 when bytes.Count > 0:
                    int distance = random.Next(1, bytes.Count + 1);
                    for (int i = 0; i < count; i++)
                    {
                        bytes.Add(bytes[^distance]);
                    }

                    break;
                default:
                    bytes.AddRange(System.Text.Encoding.ASCII.GetBytes($"the number {random.Next(1000)} is what it is; "));
                    break;
            }
        }

        return [.. bytes[..length]];
    }

    private static byte[] Digits(int seed, int length)
    {
        var random = new Random(seed);
        byte[] digits = new byte[length];
        foreach (ref byte digit in digits.AsSpan())
        {
            digit = (byte)('0' + random.Next(random.Next(1, 10)));
        }

        return digits;
    }

    private static byte[] Deflate(byte[] plain, CompressionLevel level)
    {
        var target = new MemoryStream();
        using (var deflate = new DeflateStream(target, level, leaveOpen: true))
        {
            deflate.Write(plain);
        }

        // For empty input DeflateStream writes nothing.
        return target.Length == 0 ? [3, 0] : target.ToArray();
    }

    private sealed class BlockCollector : IBlockObserver
    {
        public List<(long InputBits, long OutputBytes, byte[] Window)> Found { get; } = [];

        public void BlockBegins(long inputBits, long outputBytes, ReadOnlySpan<byte> window) =>
            Found.Add((inputBits, outputBytes, window.ToArray()));
    }
}
