using System.Buffers;
using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Tests.Compression;

public sealed class ZstdDecoderTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public void A_frame_that_is_shorter_than_its_header_records_is_rejected(int pieceBytes)
    {
        // RFC 8878, 3.1.1: a single segment of five bytes according to its header, and one empty block, the last.
        byte[] frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 1, 0, 0];
        using var decoder = new ZstdDecoder(1 << 20);
        byte[] target = new byte[100];
        OperationStatus status = OperationStatus.NeedMoreData;
        for (int position = 0; status == OperationStatus.NeedMoreData;)
        {
            int length = Math.Min(pieceBytes, frame.Length - position);
            status = decoder.Decode(frame.AsSpan(position, length), target, 0, position + length == frame.Length, out int consumed, out _);
            position += consumed;
        }

        Assert.Equal(OperationStatus.InvalidData, status);
        Assert.Equal(Fault.ZstdFrame, decoder.Fault);
    }

    [Fact]
    public void Empty_and_skippable_frames_are_accepted()
    {
        byte[] frames = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];
        using var decoder = new ZstdDecoder(1 << 20);
        Assert.Equal(OperationStatus.Done, decoder.Decode(frames, new byte[100], 0, isFinal: true, out _, out int written));
        Assert.Equal(0, written);
    }
}
