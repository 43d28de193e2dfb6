using System.Buffers;
using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Fuzz.Targets;

/// <summary>Runs a decoder on an input, whole or in pieces.</summary>
internal static class Decoding
{
    // The most output that is compared.
    public const int OutputMax = 4 << 20;

    /// <summary>What two of a library's decoders allocate besides windows, blocks and output: mostly buffers.</summary>
    public const long LibraryMemoryMax = 4 << 20;

    // Every piece costs a switch of threads.
    private const int LibraryInputMax = 4 << 10;

    /// <summary>The decoded bytes; null when the decoder failed, or the output is longer than is compared.</summary>
    public static byte[]? Decode(IDecoder decoder, ReadOnlySpan<byte> input, int pieceBytes, out string verdict)
    {
        var output = new MemoryStream();
        int history = decoder.WindowBytes;
        byte[] target = new byte[history + (64 << 10)];
        int position = 0;
        while (true)
        {
            ReadOnlySpan<byte> piece = input[..Math.Min(pieceBytes, input.Length)];
            bool isFinal = piece.Length == input.Length;
            OperationStatus status = decoder.Decode(piece, target, position, isFinal, out int consumed, out int written);
            FindingException.ThrowIf(consumed > piece.Length || written > target.Length - position, "took or gave more than there is");
            output.Write(target, position, written);
            position += written;
            input = input[consumed..];
            switch (status)
            {
                case OperationStatus.Done:
                    verdict = "";
                    return output.ToArray();
                case OperationStatus.InvalidData:
                    verdict = $"{decoder.Fault}";
                    return null;
                case OperationStatus.NeedMoreData:
                    FindingException.ThrowIf(isFinal, "wants more than all of it");
                    break;
                default:
                    int kept = Math.Min(history, position);
                    target.AsSpan(position - kept, kept).CopyTo(target);
                    position = kept;
                    break;
            }

            if (output.Length > OutputMax)
            {
                verdict = "long";
                return null;
            }
        }
    }

    /// <summary>Checks that whole and in pieces give the same result. The offset of a fault may differ, as the decoder
    /// reads ahead differently.</summary>
    public static byte[]? DecodeBothWays(Func<IDecoder> make, ReadOnlySpan<byte> input, out string verdict)
    {
        using IDecoder one = make();
        byte[]? whole = Decode(one, input, int.MaxValue, out verdict);
        using IDecoder other = make();
        byte[]? pieces = Decode(other, input, input.Length > 2 ? 1 + (input[^1] % 61) : 1, out string second);
        FindingException.ThrowIf(verdict != second, $"whole: '{verdict}', in pieces: '{second}'");
        FindingException.ThrowIf(whole is not null && !whole.AsSpan().SequenceEqual(pieces), "whole and in pieces differ");
        return whole;
    }

    /// <summary>The longest input that is given to a library.</summary>
    public static ReadOnlySpan<byte> OfLibrary(ReadOnlySpan<byte> input) => input[..Math.Min(input.Length, LibraryInputMax)];

    /// <summary>The same for a library's decoder, which must not allocate more than its limit, whatever the result.</summary>
    public static byte[]? DecodeLibrary(SharpCompressFormat format, Limits limits, ReadOnlySpan<byte> input, long memoryMax)
    {
        byte[]? plain = null;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        try
        {
            return plain = DecodeBothWays(() => new SharpCompressDecoder(format, limits), input, out _);
        }
        finally
        {
            // The output is collected in streams that double their size.
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before - (plain is null ? 8L * OutputMax : 8L * plain.Length);
            FindingException.ThrowIf(allocated > memoryMax, $"allocates too much: {allocated >> 20} MiB");
        }
    }
}
