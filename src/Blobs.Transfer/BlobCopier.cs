using System.Collections.Concurrent;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Streams;

namespace Blobs.Transfer;

/// <summary>Copies blobs unchanged, each once: those that the target has or can mount are not sent.</summary>
/// <param name="source">The source.</param>
/// <param name="target">The target.</param>
/// <param name="limits">Limits on what the source may demand.</param>
/// <param name="progress">Receives the progress of every blob.</param>
internal sealed class BlobCopier(
    IManifestSource source, IManifestTarget target, Limits limits, IProgress<TransferProgress>? progress)
{
    private readonly ConcurrentDictionary<Digest, bool> _seen = new();
    private int _newCount;
    private long _plannedBytes;
    private long _sentBytes;

    /// <summary>How many blobs were sent.</summary>
    public int NewCount => _newCount;

    /// <summary>Bytes that were sent.</summary>
    public long SentBytes => _sentBytes;

    /// <summary>Copies blobs, and returns those that the source does not have. Foreign layers stay where they are.</summary>
    public async Task<IReadOnlyList<Descriptor>> CopyAsync(IEnumerable<Descriptor> blobs, CancellationToken cancellationToken)
    {
        var missing = new ConcurrentBag<Descriptor>();
        await Parallel.ForEachAsync(
            blobs.Where(blob => !blob.IsForeignLayer).DistinctBy(blob => blob.Digest).Where(blob => !IsDone(blob)),
            new ParallelOptions { MaxDegreeOfParallelism = target.BlobsAtOnce, CancellationToken = cancellationToken },
            async (blob, stop) =>
            {
                bool isThere = await TryCopyAsync(blob, stop).ConfigureAwait(false);
                _seen[blob.Digest] = isThere;
                if (!isThere)
                {
                    missing.Add(blob);
                }
            }).ConfigureAwait(false);
        return [.. missing];
    }

    private bool IsDone(Descriptor blob) => _seen.TryGetValue(blob.Digest, out bool isThere) && isThere;

    private async Task<bool> TryCopyAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, $"{blob.Digest}", blob.Size);
        if (await target.HasBlobAsync(blob.Digest, cancellationToken).ConfigureAwait(false))
        {
            report.Report(TransferStep.Exists, 0);
            return true;
        }

        bool isMounted = source.Repository is { } from
            && await target.TryMountAsync(blob.Digest, from, cancellationToken).ConfigureAwait(false);
        if (isMounted)
        {
            report.Report(TransferStep.Mounted, 0);
            return true;
        }

        CheckTotal(blob);
        try
        {
            await target.PutBlobAsync(blob, stop => OpenAsync(blob, report, stop), cancellationToken).ConfigureAwait(false);
        }
        catch (MissingBlobException)
        {
            return false;
        }

        Interlocked.Increment(ref _newCount);
        Interlocked.Add(ref _sentBytes, blob.Size);
        report.Report(TransferStep.Done, blob.Size);
        return true;
    }

    private async ValueTask<Stream> OpenAsync(Descriptor blob, TransferReport report, CancellationToken cancellationToken) =>
        await source.TryOpenAsync(blob, cancellationToken).ConfigureAwait(false) is { } content
            ? new ReportedStream(content, report)
            : throw new MissingBlobException(blob);

    private void CheckTotal(Descriptor blob)
    {
        if (blob.Size > limits.CopiedBytes || Interlocked.Add(ref _plannedBytes, blob.Size) > limits.CopiedBytes)
        {
            Throw.LimitExceeded(nameof(Limits.CopiedBytes), limits.CopiedBytes, $"{source.Origin}: the blobs to copy");
        }
    }

    private sealed class MissingBlobException(Descriptor blob) : BlobsException($"there is no blob {blob.Digest}");

    /// <summary>Reports how much of a blob has been read. Owns its source.</summary>
    private sealed class ReportedStream(Stream content, TransferReport report) : ReadOnlyStream
    {
        private long _position;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        public override int Read(Span<byte> buffer) => Count(content.Read(buffer));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                content.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            _position += read;
            report.Report(TransferStep.Reading, _position);
            return read;
        }
    }
}
