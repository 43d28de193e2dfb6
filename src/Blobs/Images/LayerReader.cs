using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Pipeline;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>Reads layers of an image through the pass, each to its end or until enough was seen of it.</summary>
internal sealed class LayerReader(IReadOnlyList<ImageLayer> layers, ImageReadOptions options)
{
    private long _bytesRead;

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<ImageLayer> Layers => layers;

    public ImageReadOptions Options => options;

    /// <summary>Bytes that were taken from the layers, compressed or not, as they come.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>How many times a layer was opened.</summary>
    public int OpenCount { get; private set; }

    /// <summary>The layers from the top down. One that is there twice is listed once: the lower one adds nothing.</summary>
    public IEnumerable<int> FromTop()
    {
        var seen = new HashSet<DiffId>();
        for (int index = layers.Count - 1; index >= 0; index--)
        {
            if (layers[index].DiffId == default || seen.Add(layers[index].DiffId))
            {
                yield return index;
            }
        }
    }

    /// <summary>Reads a layer; null when <paramref name="isDone"/> ended it early, so that nothing was verified.</summary>
    public async Task<LayerSummary?> ReadAsync(int index, ITarSink sink, Func<bool> isDone, CancellationToken cancellationToken)
    {
        ImageLayer layer = layers[index];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Stream source = await OpenAsync(layer, stop.Token).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var report = new TransferReport(options.Progress, $"{layer.DiffId}", layer.Descriptor?.Size);
            try
            {
                LayerSummary summary = await LayerPipeline.RunAsync(
                    source, PassOptions(layer, new EndingSink(sink, isDone, options.ReadsToEnd ? null : stop), report), stop.Token)
                    .ConfigureAwait(false);
                report.Report(TransferStep.Done, summary.CompressedBytes);
                return summary;
            }
            catch (OperationCanceledException) when (isDone() && !cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private async ValueTask<Stream> OpenAsync(ImageLayer layer, CancellationToken cancellationToken)
    {
        Stream source = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        OpenCount++;
        var counted = new CountingStream(source, count => Interlocked.Add(ref _bytesRead, count));

        // The pass verifies SHA-256 only.
        return layer.Descriptor is { } blob && blob.Digest.Algorithm != DigestAlgorithm.Sha256
            ? new VerifyingStream(counted, blob.Digest, blob.Size)
            : counted;
    }

    private LayerPipelineOptions PassOptions(ImageLayer layer, ITarSink entries, IProgress<LayerProgress> progress) => new()
    {
        ExpectedDigest = layer.Descriptor?.Digest is { } digest && digest.Algorithm == DigestAlgorithm.Sha256 ? digest : null,
        ExpectedDiffId = layer.IsVerifiedTar ? null : layer.DiffId,
        Entries = entries,
        Progress = progress,
        Limits = options.Limits,
    };

    // Passes nothing on once it is done, and then ends the pass.
    private sealed class EndingSink(ITarSink sink, Func<bool> isDone, CancellationTokenSource? stop) : ITarSink
    {
        private bool _isDone;

        public void Entry(TarEntry entry)
        {
            if (!_isDone)
            {
                sink.Entry(entry);
                EndIfDone();
            }
        }

        public void Payload(ReadOnlySpan<byte> bytes)
        {
            if (!_isDone)
            {
                sink.Payload(bytes);
            }
        }

        public void EndEntry()
        {
            if (!_isDone)
            {
                sink.EndEntry();
                EndIfDone();
            }
        }

        private void EndIfDone()
        {
            _isDone = isDone();
            if (_isDone)
            {
                stop?.Cancel();
            }
        }
    }
}
