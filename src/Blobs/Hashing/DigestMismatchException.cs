using System.Globalization;
using Blobs.Errors;

namespace Blobs.Hashing;

/// <summary>Bytes that are whole and well formed, but not the ones that were asked for.</summary>
public sealed class DigestMismatchException : BlobsException
{
    /// <summary>Refuses content.</summary>
    internal DigestMismatchException(string what, string expected, string actual, long bytes)
        : base(string.Create(
            CultureInfo.InvariantCulture, $"{what} mismatch after {bytes} bytes: expected {expected}, found {actual}"))
    {
        Expected = expected;
        Actual = actual;
        Bytes = bytes;
    }

    private DigestMismatchException(string message, DigestMismatchException other)
        : base(message)
    {
        Expected = other.Expected;
        Actual = other.Actual;
        Bytes = other.Bytes;
    }

    /// <summary>The digest that was asked for, in text form.</summary>
    public string Expected { get; }

    /// <summary>The digest of what came.</summary>
    public string Actual { get; }

    /// <summary>How many bytes came.</summary>
    public long Bytes { get; }

    /// <summary>The same, of something that has a name.</summary>
    internal DigestMismatchException Of(string name) => new($"{name}: {Message}", this);
}
