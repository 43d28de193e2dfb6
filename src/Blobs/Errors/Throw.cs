using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Blobs.Errors;

/// <summary>Throw sites, out of line so that the hot paths that need them stay small.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void Malformed(Fault fault, long offset, string message) =>
        throw new MalformedDataException(
            fault, offset, string.Create(CultureInfo.InvariantCulture, $"{message} (at byte {offset})"));

    [DoesNotReturn]
    public static void LimitExceeded(string limit, long allowed, string what) =>
        throw new LimitExceededException(
            limit,
            allowed,
            string.Create(CultureInfo.InvariantCulture, $"{what} exceeds the limit {limit} of {allowed:N0}"));
}
