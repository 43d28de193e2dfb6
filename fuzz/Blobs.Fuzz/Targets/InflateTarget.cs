using System.Buffers;
using System.IO.Compression;
using Blobs.Compression;

namespace Blobs.Fuzz.Targets;

/// <summary>Deflate: zlib accepts what our inflater accepts, with the same bytes. The reverse cannot be checked, as the
/// framework's stream ends silently on truncated input.</summary>
internal sealed class InflateTarget : IFuzzTarget
{
    private readonly byte[] _output = new byte[Decoding.OutputMax];

    public string Name => "inflate";

    public void Run(ReadOnlySpan<byte> input)
    {
        var inflater = new Inflater();
        inflater.Reset();
        OperationStatus status = inflater.Inflate(input, _output, 0, out int consumed, out int written);
        FindingException.ThrowIf(consumed > input.Length, "took more than there is");
        if (status == OperationStatus.DestinationTooSmall)
        {
            return;
        }

        if (status == OperationStatus.Done)
        {
            byte[]? theirs = Theirs(input);
            FindingException.ThrowIf(theirs is null, "zlib refuses what was taken");
            FindingException.ThrowIf(!_output.AsSpan(0, written).SequenceEqual(theirs), "zlib has other bytes");
        }
    }

    private static byte[]? Theirs(ReadOnlySpan<byte> input)
    {
        try
        {
            using var deflate = new DeflateStream(new MemoryStream(input.ToArray()), CompressionMode.Decompress);
            var output = new MemoryStream();
            deflate.CopyTo(output);
            return output.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
