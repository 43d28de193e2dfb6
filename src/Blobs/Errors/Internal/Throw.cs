using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Blobs.Errors.Internal;

/// <summary>Helpers that create and throw errors, out of line so that the hot paths that call them stay small.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Throw
{
    [DoesNotReturn]
    public static void Malformed(Fault fault, long offset, string message) => throw Error(fault, offset, message);

    /// <summary>The error that <see cref="Malformed"/> throws, for callers that pass it on.</summary>
    public static MalformedDataException Error(Fault fault, long offset, string message) =>
        new(fault, offset, string.Create(CultureInfo.InvariantCulture, $"{message} (at byte {offset}{StreamOf(fault)})"));

    [DoesNotReturn]
    public static void LimitExceeded(string limit, long allowed, string what) => throw Limit(limit, allowed, what);

    /// <summary>The error that <see cref="LimitExceeded"/> throws, for callers that pass it on.</summary>
    public static LimitExceededException Limit(string limit, long allowed, string what) =>
        new(limit, allowed, string.Create(CultureInfo.InvariantCulture, $"{what} exceeds the limit {limit} of {allowed:N0}"));

    // An offset refers to the stream as it was read, except for a fault of the tar in it.
    private static string StreamOf(Fault fault) => fault is >= Fault.TarChecksum and < Fault.TarSplitSyntax or Fault.DuplicateName
        ? " of the tar"
        : "";
}
