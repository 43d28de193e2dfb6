using Blobs.Buffers.Internal;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Streams;
using Blobs.TarSplit;

namespace Blobs.Erofs;

/// <summary>Turns layers into EROFS images, and images into the tars they were made of.</summary>
public static class ErofsLayer
{
    /// <summary>One pass over a layer, which leaves its EROFS image behind.</summary>
    /// <param name="layer">The layer, compressed or not; read to its end, stays open.</param>
    /// <param name="image">Takes the image: empty, and seekable. It is complete only when this method returns.</param>
    /// <param name="recording">Takes the gzip-compressed recording with which <see cref="ExportAsync"/> rebuilds the tar of an image in
    /// the plain layout; none when null.</param>
    /// <param name="options">How the image is written. With a recording, an entry that replaces an earlier one's content is
    /// refused.</param>
    /// <param name="pass">Expected digests, progress, and sinks for the blob and the tar. Its sinks for entries and recording are
    /// ignored.</param>
    /// <param name="cancellationToken">Ends the work; the image is not complete.</param>
    /// <exception cref="MalformedDataException">The layer breaks its format, or has an entry that no image can hold.</exception>
    /// <exception cref="DigestMismatchException">An expected digest differs.</exception>
    /// <exception cref="LimitExceededException">The layer demands more than the limits of <paramref name="options"/>.</exception>
    public static async Task<ErofsSummary> WriteAsync(
        Stream layer,
        Stream image,
        Stream? recording = null,
        ErofsOptions? options = null,
        LayerPipelineOptions? pass = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(layer);
        options ??= new ErofsOptions();
        using BlockEncoder? gzip = recording is null
            ? null
            : new BlockEncoder(new StreamSink(recording), CompressionKind.Gzip, TarSplitRecorder.GzipLevel);
        pass ??= new LayerPipelineOptions();

        // The tree of hashes has the thread of the entries to itself.
        bool takesTarItself = pass.Uncompressed is null && !options.HasVerity;
        using var writer = new ErofsWriter(
            image,
            options with { RefusesReplacedContent = options.RefusesReplacedContent || recording is not null },
            takesTarItself);
        LayerSummary summary = await LayerPipeline.RunAsync(
            layer,
            pass with
            {
                Entries = writer,
                TarSplit = gzip,
                Uncompressed = pass.Uncompressed ?? writer.TarItself,
                Limits = options.Limits,
            },
            cancellationToken).ConfigureAwait(false);
        gzip?.Complete();
        long bytes = writer.Finish(summary.DiffId);
        return new ErofsSummary
        {
            Layer = summary,
            ImageBytes = bytes,
            Verity = writer.Verity,
            SkippedXattrs = writer.SkippedXattrs,
        };
    }

    /// <summary>Writes the exact tar that an image was made of, and checks it against the image's UUID, which comes from the tar's
    /// DiffID.</summary>
    /// <param name="image">The image; seekable, stays open.</param>
    /// <param name="recording">The gzip-compressed recording; only needed for an image that does not hold its tar.</param>
    /// <param name="target">Takes the tar, before the last check; stays open.</param>
    /// <param name="output">How it is written; uncompressed when null. An expected digest cannot replace the check here.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="StoreException">The image needs a recording, or lacks a file.</exception>
    /// <exception cref="MalformedDataException">Image or recording are damaged, or do not belong together.</exception>
    public static async Task<EncodedLayer> ExportAsync(
        Stream image,
        Stream? recording,
        Stream target,
        LayerEncodeOptions? output = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        var opened = new ErofsImage(image);
        output = (output ?? new LayerEncodeOptions()) with { ExpectedDigest = null };
        EncodedLayer layer;
        if (opened.Tar is { } tar)
        {
            using var content = new TarRangeStream(image, tar);
            layer = await LayerEncoder.EncodeAsync(content, target, output, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using TarSplitReader reader = recording is null
                ? throw new StoreException("image", "the image does not hold its tar: its recording is needed to rebuild it")
                : TarSplitReader.OpenGzip(recording, Limits.Default);
            var replayer = new TarReplayer(reader, new ErofsFiles(opened));
            layer = await LayerEncoder.EncodeAsync(replayer, target, output, cancellationToken).ConfigureAwait(false);
        }

        return ErofsUuid.Of(layer.DiffId) == opened.Uuid
            ? layer
            : throw new MalformedDataException(
                Fault.ErofsImage, 0, $"erofs: the tar has the DiffID {layer.DiffId}, which is not the one that the image was made of");
    }

    private sealed class TarRangeStream(Stream image, ErofsTarRange range) : ReadOnlyStream
    {
        private long _position;

        public override long Length => range.Length;

        public override long Position => _position;

        public override int Read(Span<byte> buffer)
        {
            image.Position = range.Offset + _position;
            int read = image.Read(buffer[..(int)Math.Min(buffer.Length, range.Length - _position)]);
            _position += read;
            return read;
        }
    }
}
