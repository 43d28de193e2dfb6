using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Images;

namespace Blobs.Transfer;

/// <summary>
/// A layer of a <see cref="StreamedArchive"/>: unpacked in the store, waiting for its parent. It opens as a plain tar,
/// which the manifest's descriptor does not describe.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedLayer(StreamedArchive archive, ArchivedLayer layer) : ImageLayer(layer.DiffId, null)
{
    public override long? GetLength() => archive.SummaryOf(layer.Name)?.CompressedBytes;

    /// <summary>The detached layer, verified against config and manifest; null when it has to be opened
    /// instead.</summary>
    public DetachedLayer? Take()
    {
        if (archive.SummaryOf(layer.Name) is not { } seen)
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

    /// <summary>Opens the tar of a layer that another image of the archive has brought into the store.</summary>
    public override async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
        archive.SummaryOf(layer.Name) is { } seen
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
