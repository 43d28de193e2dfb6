using System.Globalization;
using Blobs.Errors;

namespace Blobs.Hashing;

/// <summary>Content that does not have the expected digest or length.</summary>
public sealed class DigestMismatchException : BlobsException
{
    /// <summary>Creates the error.</summary>
    public DigestMismatchException(string what, string expected, string actual, long bytes)
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

    /// <summary>The expected digest or length, as text.</summary>
    public string Expected { get; }

    /// <summary>The digest or length that was found, as text.</summary>
    public string Actual { get; }

    /// <summary>Bytes read until the mismatch was found.</summary>
    public long Bytes { get; }

    /// <summary>The same error with a name in front of its message.</summary>
    public DigestMismatchException WithName(string name) => new($"{name}: {Message}", this);
}
