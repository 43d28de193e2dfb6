using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Fuzz.Targets;

/// <summary>The wrapper of the zstd library: same result whole and in pieces.</summary>
internal sealed class ZstdTarget : IFuzzTarget
{
    public string Name => "zstd";

    public void Run(ReadOnlySpan<byte> input)
    {
        // A small window limit, as each run would otherwise clear megabytes.
        byte[]? whole = DecodeOnce(input, int.MaxValue, out string verdict);
        byte[]? pieces = DecodeOnce(input, input.Length > 2 ? 1 + (input[^1] % 61) : 1, out string second);
        FindingException.ThrowIf((whole is null) != (pieces is null), $"whole: '{verdict}', in pieces: '{second}'");
        FindingException.ThrowIf(whole is not null && !whole.AsSpan().SequenceEqual(pieces), "whole and in pieces differ");
    }

    private static byte[]? DecodeOnce(ReadOnlySpan<byte> input, int pieceBytes, out string verdict)
    {
        using var decoder = new ZstdDecoder(Math.Min(Limits.Default.ZstdWindowBytes, 1 << 20));
        return Decoding.Decode(decoder, input, pieceBytes, out verdict);
    }
}
