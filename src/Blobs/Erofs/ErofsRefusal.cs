using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>The error for an entry of a tar that an image cannot have.</summary>
internal static class ErofsRefusal
{
    public static MalformedDataException Of(Fault fault, TarEntry entry, string why) => new(
        fault,
        entry.HeaderOffset,
        $"erofs: {Printable.Quote(entry.Name)} {why} (at byte {entry.HeaderOffset} of the tar)");
}
