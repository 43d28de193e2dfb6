using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Fuzz.Targets;

/// <summary>bzip2 streams: same result whole and in pieces, no more memory than a block needs, and nothing accepted that
/// libbz2 rejects.</summary>
internal sealed class Bzip2Target : IFuzzTarget
{
    // A block has 900,000 bytes, with a pointer for each; a stream has at least fourteen bytes.
    private const long BlockMemoryMax = 900_000 * 8;
    private const int StreamBytesMin = 14;

    public string Name => "bzip2";

    public void Run(ReadOnlySpan<byte> input)
    {
        ReadOnlySpan<byte> stream = Decoding.OfLibrary(input);
        long memoryMax = Decoding.LibraryMemoryMax + (BlockMemoryMax * (1 + (stream.Length / StreamBytesMin)));
        if (Decoding.DecodeLibrary(SharpCompressFormat.Bzip2, Limits.Default, stream, memoryMax) is { } ours)
        {
            NativeDecoders.CheckBzip2(stream, ours);
        }
    }
}
