using System.Text;
using Blobs.Hashing;

namespace Blobs.Fuzz.Targets;

/// <summary>Digests: what parses is the text itself, and nothing that could be a path.</summary>
internal sealed class DigestTarget : IFuzzTarget
{
    public string Name => "digest";

    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (Digest.TryParse(text, null, out Digest digest))
        {
            FindingException.ThrowIf($"{digest}" != text, "is written otherwise");
            FindingException.ThrowIf(!digest.Hex.All(char.IsAsciiHexDigitLower), "is not hex");
        }
    }
}
