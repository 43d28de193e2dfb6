using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Hashing;

/// <summary>Creates the error for text that is not a digest, DiffID or ChainID.</summary>
internal static class DigestSyntax
{
    /// <summary>The text form of every DiffID and ChainID.</summary>
    public const string Sha256Form = "sha256: and 64 lower-case hex digits";

    /// <summary>The text forms of a digest.</summary>
    public const string DigestForm = "sha256: and 64, or sha512: and 128, lower-case hex digits";

    public static MalformedDataException Error(string kind, string form, ReadOnlySpan<char> text)
    {
        string shown = Printable.Quote(Encoding.UTF8.GetBytes(text.ToArray()));
        return new MalformedDataException(Fault.DigestSyntax, 0, $"{shown} is not a {kind}: expected {form}");
    }
}
