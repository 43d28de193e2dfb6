using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>
/// A layer of a <see cref="StreamedArchive"/>: unpacked at the target, waiting for its image. It opens as a plain tar,
/// which the manifest's descriptor does not describe.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedLayer(StreamedArchive archive, ArchivedLayer layer) : ImageLayer(layer.DiffId, null)
{
    public override long? GetLength() => archive.SummaryOf(layer.Name)?.CompressedBytes;

    /// <summary>Compares what was read with the manifest. The target finds an unpacked layer by its DiffID, whatever its name and
    /// its blob were.</summary>
    /// <exception cref="DigestMismatchException">The blob is another than the manifest names.</exception>
    /// <exception cref="MalformedDataException">The blob has another size, or is not there under its name.</exception>
    public void VerifyBlob()
    {
        if (!archive.HasUnpacked(DiffId))
        {
            return;
        }

        LayerSummary seen = archive.SummaryOf(layer.Name) ?? throw archive.Missing(layer.Name);
        Require("DiffID", $"{DiffId}", $"{seen.DiffId}", seen.UncompressedBytes);
        if (layer.Descriptor is not { } stated)
        {
            return;
        }

        Require("layer digest", $"{stated.Digest}", $"{seen.Digest}", seen.CompressedBytes);
        if (layer.SizeFault(seen.CompressedBytes) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Opens the tar of a layer that is at the target already, below another one or in another image.</summary>
    public override async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default)
    {
        if (archive.SummaryOf(layer.Name) is not { } seen)
        {
            return await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        Require("DiffID", $"{DiffId}", $"{seen.DiffId}", seen.UncompressedBytes);
        return await archive.ReopenAsync(seen.DiffId, cancellationToken).ConfigureAwait(false);
    }

    private static void Require(string what, string expected, string found, long bytes)
    {
        if (expected != found)
        {
            throw new DigestMismatchException(what, expected, found, bytes);
        }
    }
}
