using System.Text;
using Blobs.Hashing;

namespace Blobs.Fuzz.Targets;

/// <summary>Digests: a parsed digest formats to its own text, and never contains a path.</summary>
internal sealed class DigestTarget : IFuzzTarget
{
    public string Name => "digest";

    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (Digest.TryParse(text, null, out Digest digest))
        {
            FindingException.ThrowIf($"{digest}" != text, "is formatted differently");
            FindingException.ThrowIf(!digest.Hex.All(char.IsAsciiHexDigitLower), "is not hex");
        }
    }
}
