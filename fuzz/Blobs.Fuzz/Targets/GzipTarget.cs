using System.IO.Compression;
using Blobs.Compression;

namespace Blobs.Fuzz.Targets;

/// <summary>gzip members: same result whole and in pieces, and nothing accepted that zlib rejects.</summary>
internal sealed class GzipTarget : IFuzzTarget
{
    public string Name => "gzip";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (Decoding.DecodeBothWays(() => new GzipDecoder(), input, out _) is not { } ours)
        {
            return;
        }

        try
        {
            using var gzip = new GZipStream(new MemoryStream(input.ToArray()), CompressionMode.Decompress);
            var theirs = new MemoryStream();
            gzip.CopyTo(theirs);
            FindingException.ThrowIf(!ours.AsSpan().SequenceEqual(theirs.ToArray()), "GZipStream has other bytes");
        }
        catch (InvalidDataException)
        {
            throw new FindingException("GZipStream rejects what was accepted");
        }
    }
}
