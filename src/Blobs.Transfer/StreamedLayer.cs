using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Images;

namespace Blobs.Transfer;

/// <summary>
/// A layer of an archive that has gone by: in the store already, waiting for what it stands on. Opened it is a plain tar, so the
/// manifest's descriptor is not its own.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedLayer(StreamedArchive archive, ArchivedLayer layer) : ImageLayer(layer.DiffId, null)
{
    public override long? GetLength() => archive.SeenAs(layer.Name)?.CompressedBytes;

    /// <summary>The layer, still detached; null when it has to be opened. What went by must be what config and manifest name.</summary>
    public DetachedLayer? Take()
    {
        if (archive.SeenAs(layer.Name) is not { } seen)
        {
            return null;
        }

        Require("DiffID", $"{DiffId}", $"{seen.DiffId}", seen.UncompressedBytes);
        if (layer.Descriptor is { } stated)
        {
            Require("layer digest", $"{stated.Digest}", $"{seen.Digest}", seen.CompressedBytes);
        }

        return layer.SizeFault(seen.CompressedBytes) is { } fault ? throw fault : archive.TakeLayer(layer.Name);
    }

    /// <summary>The tar of a layer that another image of the archive has brought into the store.</summary>
    public override async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
        archive.SeenAs(layer.Name) is { } seen
            ? await archive.ReopenAsync(seen.DiffId, cancellationToken).ConfigureAwait(false)
            : await layer.OpenAsync(cancellationToken).ConfigureAwait(false);

    private static void Require(string what, string expected, string found, long bytes)
    {
        if (expected != found)
        {
            throw new DigestMismatchException(what, expected, found, bytes);
        }
    }
}
