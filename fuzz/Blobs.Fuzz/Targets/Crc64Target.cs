using Blobs.Hashing;

namespace Blobs.Fuzz.Targets;

/// <summary>CRC-64: the vector path equals the scalar one for any length and any split of the input.</summary>
internal sealed class Crc64Target : IFuzzTarget
{
    public string Name => "crc64";

    public void Run(ReadOnlySpan<byte> input)
    {
        ulong expected = ~Crc64.Algorithm.UpdateScalar(ulong.MaxValue, input);
        FindingException.ThrowIf(Crc64.Of(input) != expected, "vector and scalar differ");
        var pieces = new Crc64();
        int cut = input.IsEmpty ? 0 : input[0] % (input.Length + 1);
        pieces.Append(input[..cut]);
        pieces.Append(input[cut..]);
        FindingException.ThrowIf(pieces.Value != expected, "whole and in pieces differ");
    }
}
