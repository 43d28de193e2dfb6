using System.Globalization;
using Blobs.Errors;

namespace Blobs.Hashing;

/// <summary>Bytes that are whole and well formed, but not the ones that were asked for.</summary>
public sealed class DigestMismatchException : BlobsException
{
    internal DigestMismatchException(string what, string expected, string actual, long bytes)
        : base(string.Create(
            CultureInfo.InvariantCulture, $"{what} mismatch after {bytes} bytes: expected {expected}, found {actual}"))
    {
        Expected = expected;
        Actual = actual;
        Bytes = bytes;
    }

    /// <summary>The digest that was asked for, in text form.</summary>
    public string Expected { get; }

    /// <summary>The digest of what came.</summary>
    public string Actual { get; }

    /// <summary>How many bytes came.</summary>
    public long Bytes { get; }
}
