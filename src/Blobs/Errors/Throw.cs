using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Blobs.Errors;

/// <summary>Throw sites, out of line so that the hot paths that need them stay small.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void Malformed(Fault fault, long offset, string message) => throw Error(fault, offset, message);

    /// <summary>The same for those who report it otherwise.</summary>
    public static MalformedDataException Error(Fault fault, long offset, string message) =>
        new(fault, offset, string.Create(CultureInfo.InvariantCulture, $"{message} (at byte {offset}{StreamOf(fault)})"));

    [DoesNotReturn]
    public static void LimitExceeded(string limit, long allowed, string what) => throw Limit(limit, allowed, what);

    /// <summary>The same for those who report it otherwise.</summary>
    public static LimitExceededException Limit(string limit, long allowed, string what) =>
        new(limit, allowed, string.Create(CultureInfo.InvariantCulture, $"{what} exceeds the limit {limit} of {allowed:N0}"));

    // Offsets count in the stream as it came, unless it is the tar inside that is at fault.
    private static string StreamOf(Fault fault) => fault is >= Fault.TarChecksum and < Fault.TarSplitSyntax or Fault.DuplicateName
        ? " of the tar"
        : "";
}
