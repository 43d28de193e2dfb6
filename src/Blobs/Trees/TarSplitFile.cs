using System.Runtime.Versioning;
using Blobs.Buffers.Internal;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Pipeline;
using Blobs.TarSplit;
using Blobs.Trees.Internal;

namespace Blobs.Trees;

/// <summary>Makes and uses recordings as plain files, without a store. Interchangeable with the program
/// tar-split.</summary>
[SupportedOSPlatform("linux")]
public static class TarSplitFile
{
    /// <summary>Records a tar, which may be compressed, into a gzip-compressed recording.</summary>
    /// <param name="source">The tar; stays open.</param>
    /// <param name="recording">The output, as <see cref="OutputFile"/> takes it; a file is complete or
    /// unchanged.</param>
    /// <param name="copy">Takes the uncompressed tar, when not null; stays open.</param>
    /// <param name="cancellationToken">Ends the work; no recording stays.</param>
    /// <exception cref="MalformedDataException">The source is no tar, or one that cannot be recorded.</exception>
    public static Task<LayerSummary> DisassembleAsync(
        Stream source, string recording, Stream? copy = null, CancellationToken cancellationToken = default) =>
        RecordAsync(
            source,
            recording,
            new LayerPipelineOptions { Uncompressed = copy is null ? null : new StreamSink(copy) },
            cancellationToken);

    /// <summary>One pass over a layer that leaves its gzip-compressed recording behind, and no tree.</summary>
    /// <param name="source">The layer, compressed or not; stays open.</param>
    /// <param name="recording">The output, as <see cref="OutputFile"/> takes it; a file changes only when the recording
    /// is complete and every expected digest matched.</param>
    /// <param name="options">What else the pass does; its <see cref="LayerPipelineOptions.TarSplit"/> is
    /// ignored.</param>
    /// <param name="cancellationToken">Ends the work; no recording stays.</param>
    /// <exception cref="MalformedDataException">The source is no tar, or one that cannot be recorded.</exception>
    /// <exception cref="Hashing.DigestMismatchException">An expected digest differs.</exception>
    public static async Task<LayerSummary> RecordAsync(
        Stream source, string recording, LayerPipelineOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(recording);
        OutputFile file = await OutputFile.OpenAsync(recording, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            using var gzip = new BlockEncoder(new StreamSink(file.Stream), CompressionKind.Gzip, TarSplitRecorder.GzipLevel);
            LayerSummary summary =
                await LayerPipeline.RunAsync(source, options with { TarSplit = gzip }, cancellationToken).ConfigureAwait(false);
            gzip.Complete();
            file.Commit();
            return summary;
        }
    }

    /// <summary>Rebuilds a tar from its recording and the files below a directory; symbolic links never lead out of
    /// it.</summary>
    /// <param name="recording">A gzip-compressed recording, of any version of tar-split.</param>
    /// <param name="directory">Where the files are.</param>
    /// <param name="target">Takes the tar; stays open.</param>
    /// <param name="compress">Whether to compress it with gzip.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <returns>Bytes of the tar, before compression.</returns>
    /// <exception cref="MalformedDataException">The recording is damaged, or a file differs from what was recorded.</exception>
    /// <exception cref="StoreException">A file is missing.</exception>
    public static async Task<long> AssembleAsync(
        string recording, string directory, Stream target, bool compress = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        using TarSplitReader reader = TarSplitReader.OpenGzip(FileHandle.OpenRead(recording), Limits.Default);
        using var tree = new TreeFiles(Path.GetFullPath(directory), Limits.Default);
        var options = new LayerEncodeOptions { Compression = compress ? CompressionKind.Gzip : CompressionKind.None };
        try
        {
            EncodedLayer tar = await LayerEncoder.EncodeAsync(
                new TarReplayer(reader, tree), target, options, cancellationToken).ConfigureAwait(false);
            return tar.TarLength;
        }
        catch (Exception fault) when (fault is MalformedDataException or LimitExceededException)
        {
            throw ErrorContext.Add(recording, (BlobsException)fault);
        }
    }
}
