using System.Buffers;
using Blobs.Compression;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Compression;

public sealed class ZstdEncoderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData(14_000_000)]
    public void Bytes_depend_neither_on_threads_nor_on_how_they_are_written(int length)
    {
        byte[] plain = new byte[length];
        new Random(length).NextBytes(plain.AsSpan(length / 2));
        byte[] encoded = Encode(plain, threads: 1, pieceBytes: 1 << 20);

        Assert.Equal(encoded, Encode(plain, threads: 2, pieceBytes: 1 << 20));
        Assert.Equal(encoded, Encode(plain, threads: 5, pieceBytes: 77_777));

        using var decoder = new ZstdDecoder(8 << 20);
        byte[] decoded = new byte[length + 1];
        Assert.Equal(OperationStatus.Done, decoder.Decode(encoded, decoded, 0, isFinal: true, out _, out int written));
        Assert.Equal(plain, decoded[..written]);
    }

    private static byte[] Encode(byte[] plain, int threads, int pieceBytes)
    {
        var sink = new ByteCollector();
        using var encoder = new ZstdEncoder(sink, new EncoderOptions { Threads = threads });
        foreach (byte[] piece in plain.Chunk(pieceBytes))
        {
            encoder.Write(piece);
        }

        encoder.Complete();
        return sink.ToArray();
    }
}
