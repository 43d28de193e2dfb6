using System.Text;
using Blobs.Errors;

namespace Blobs.Hashing;

/// <summary>Creates the error for text that is not a digest, DiffID or ChainID.</summary>
internal static class DigestSyntax
{
    public static MalformedDataException Error(string kind, ReadOnlySpan<char> text)
    {
        string shown = Printable.Quote(Encoding.UTF8.GetBytes(text.ToArray()));
        return new MalformedDataException(
            Fault.DigestSyntax, 0, $"{shown} is not a {kind}: expected sha256: and 64 lower-case hex digits");
    }
}
