using System.Buffers.Binary;
using System.IO.Hashing;
using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Fuzz.Targets;

/// <summary>xz streams: same result whole and in pieces, no more memory than the limits allow, and nothing accepted that
/// liblzma rejects.</summary>
internal sealed class XzTarget : IFuzzTarget
{
    private const int StreamHeaderBytes = 12;
    private const int FooterBytes = 12;

    private static readonly Limits Small = new() { XzWindowBytes = 64 << 10 };

    public string Name => "xz";

    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] stream = WithChecksums(Decoding.OfLibrary(input));
        string whole = Follow(stream, stream.Length);
        string pieces = Follow(stream, stream.Length > 2 ? 1 + (stream[^1] % 61) : 1);
        FindingException.ThrowIf(whole != pieces, $"the blocks whole: '{whole}', in pieces: '{pieces}'");

        // Decoded twice. A block takes at least twelve bytes, and a window; a chunk at least six, and tables.
        const long TablesBytes = 64 << 10;
        long memoryMax = Decoding.LibraryMemoryMax + (2 * Small.XzWindowBytes * (stream.Length / 12)) + (2 * TablesBytes * (stream.Length / 6));
        if (Decoding.DecodeLibrary(SharpCompressFormat.Xz, Small, stream, memoryMax) is { } ours)
        {
            NativeDecoders.CheckXz(stream, ours);
        }
    }

    private static string Follow(ReadOnlySpan<byte> stream, int pieceBytes)
    {
        var blocks = new XzStreamChecker(Small);
        try
        {
            for (; !stream.IsEmpty; stream = stream[Math.Min(pieceBytes, stream.Length)..])
            {
                blocks.Pass(stream[..Math.Min(pieceBytes, stream.Length)]);
            }

            return "";
        }
        catch (BlobsException answer)
        {
            return answer.Message;
        }
    }

    // Fix the checksums of header and index, or every mutation of them would be rejected.
    private static byte[] WithChecksums(ReadOnlySpan<byte> input)
    {
        byte[] stream = input.ToArray();
        if (stream.Length < StreamHeaderBytes + FooterBytes)
        {
            return stream;
        }

        SetChecksum(stream, 6, 2, 8);
        int blockBytes = (stream[StreamHeaderBytes] + 1) * 4;
        SetChecksum(stream, StreamHeaderBytes, blockBytes - 4, StreamHeaderBytes + blockBytes - 4);
        int footer = stream.Length - FooterBytes;
        SetChecksum(stream, footer + 4, 6, footer);
        long indexBytes = (BinaryPrimitives.ReadUInt32LittleEndian(stream.AsSpan(footer + 4)) + 1L) * 4;
        if (indexBytes > 4 && indexBytes <= footer)
        {
            SetChecksum(stream, footer - (int)indexBytes, (int)indexBytes - 4, footer - 4);
        }

        return stream;
    }

    private static void SetChecksum(byte[] stream, int start, int length, int at)
    {
        if (length > 0 && start + length <= stream.Length && at + 4 <= stream.Length)
        {
            Crc32.Hash(stream.AsSpan(start, length), stream.AsSpan(at));
        }
    }
}
