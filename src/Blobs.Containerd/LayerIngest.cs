using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Pipeline;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Reads layers, each in one pass: verified, written as a blob, and unpacked into a snapshot.</summary>
internal sealed class LayerIngest(
    ContainerdStore store, Daemon daemon, BlobIngest blobs, SnapshotWriter snapshots, ManifestFormat format, string? repository)
{
    private ContainerdOptions Options => store.Options;

    /// <summary>Reads a layer. What containerd has of it already is not written again.</summary>
    public async Task<IngestedLayer> RunAsync(LayerPlan plan, TransferReport report, CancellationToken cancellationToken)
    {
        for (bool isLast = false; ; isLast = true)
        {
            try
            {
                return await RunOnceAsync(plan, report, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (!isLast && IsOfOldIngest(fault))
            {
                // What somebody else had begun to write was not the beginning of this blob, and is gone now.
            }
        }
    }

    private static bool IsOfOldIngest(Exception fault) =>
        fault is ContainerdException { Code: "DataLoss" } or RpcException { StatusCode: StatusCode.FailedPrecondition };

    private async Task<IngestedLayer> RunOnceAsync(LayerPlan plan, TransferReport report, CancellationToken cancellationToken)
    {
        Descriptor? there = await FindAsync(plan.Layer, cancellationToken).ConfigureAwait(false);
        NewSnapshot? snapshot = await PrepareAsync(plan, cancellationToken).ConfigureAwait(false);
        WritableTree? tree = snapshot is null ? null : daemon.TryOpen(snapshot.Mounts);
        if (snapshot is not null && tree is null)
        {
            await snapshots.RemoveAsync(snapshot.Key, cancellationToken).ConfigureAwait(false);
        }

        bool keepsBlob = there is null && (!Options.DiscardsLayerBlobs || (plan.NeedsTree && tree is null));
        Descriptor? known = there ?? plan.Layer.Descriptor;
        if (tree is null && !keepsBlob && known is not null)
        {
            report.Report(TransferStep.Exists, 0);
            return new IngestedLayer(known, null);
        }

        IBlobWriter? writer = keepsBlob ? await OpenAsync(plan.Layer, cancellationToken).ConfigureAwait(false) : null;
        await using (writer)
        {
            using Unpacking? unpacking = tree is null ? null : new Unpacking(tree, plan.Parent is null, Options.Limits);
            LayerSummary summary = await ReadAsync(plan.Layer, there, writer, unpacking, report, cancellationToken).ConfigureAwait(false);
            Descriptor blob = known ?? Describe(plan.Layer, summary);
            if (writer is not null)
            {
                await writer.CommitAsync(blob.Digest, summary.CompressedBytes, LabelsOf(plan.Layer), cancellationToken)
                    .ConfigureAwait(false);
            }

            report.Report(TransferStep.Done, summary.CompressedBytes);
            return new IngestedLayer(
                blob, unpacking is null ? null : new UnpackedTree(snapshot!, tree!, HasParent(plan), unpacking.Finish()));
        }
    }

    // The first new layer goes where it belongs at once. The others wait beside: the stack below them is not there yet.
    private static bool HasParent(LayerPlan plan) => plan.Parent is null || plan.IsParentThere;

    private async Task<NewSnapshot?> PrepareAsync(LayerPlan plan, CancellationToken cancellationToken) =>
        plan.NeedsTree && daemon.MayWriteTrees
            ? await snapshots.PrepareAsync(plan.Chain, HasParent(plan) ? plan.Parent : null, cancellationToken).ConfigureAwait(false)
            : null;

    // A layer without a descriptor is usually a plain tar.
    private async Task<Descriptor?> FindAsync(ImageLayer layer, CancellationToken cancellationToken)
    {
        Digest digest = layer.Descriptor?.Digest ?? layer.DiffId.ToDigest();
        long? size = await blobs.FindAsync(store.Content, digest, cancellationToken).ConfigureAwait(false);
        return size is null ? null : layer.Descriptor ?? new Descriptor
        {
            MediaType = LayerTypes.Of(CompressionKind.None, format)!,
            Digest = digest,
            Size = size.Value,
        };
    }

    private Task<IBlobWriter?> OpenAsync(ImageLayer layer, CancellationToken cancellationToken) => blobs.OpenAsync(
        $"{layer.Descriptor?.Digest ?? layer.DiffId.ToDigest()}", layer.Descriptor?.Digest, layer.Descriptor?.Size, cancellationToken);

    private async Task<LayerSummary> ReadAsync(
        ImageLayer layer,
        Descriptor? there,
        IBlobWriter? writer,
        Unpacking? unpacking,
        TransferReport report,
        CancellationToken cancellationToken)
    {
        Stream source = there is null
            ? await layer.OpenAsync(cancellationToken).ConfigureAwait(false)
            : ContentBlob.Open(store.Services, there.Digest, 0);

        // The pass verifies SHA-256 only.
        Descriptor? blob = there ?? layer.Descriptor;
        bool isSha256 = blob?.Digest.Algorithm == DigestAlgorithm.Sha256;
        source = blob is not null && !isSha256 ? new VerifyingStream(source, blob.Digest, blob.Size) : source;
        await using (source.ConfigureAwait(false))
        {
            var pass = new LayerPipelineOptions
            {
                ExpectedDigest = isSha256 ? blob!.Digest : null,
                ExpectedDiffId = layer.DiffId,
                Entries = unpacking?.Entries,
                Progress = report,
                Limits = Options.Limits,
            };
            return await LayerPipeline
                .RunAsync(writer is null ? source : new TeeStream(source, writer), pass, cancellationToken).ConfigureAwait(false);
        }
    }

    private Descriptor Describe(ImageLayer layer, LayerSummary summary) => new()
    {
        MediaType = LayerTypes.Of(summary.Compression, format) ?? throw new MalformedDataException(
            Fault.UnsupportedCompression,
            0,
            $"layer {layer.DiffId}: is compressed with {summary.Compression}, which containerd cannot read"),
        Digest = summary.Digest,
        Size = summary.CompressedBytes,
    };

    private Dictionary<string, string> LabelsOf(ImageLayer layer)
    {
        var labels = new Dictionary<string, string> { [ContentLabels.Uncompressed] = $"{layer.DiffId}" };
        if (ContentLabels.Source(layer.Repository ?? repository) is { } source)
        {
            labels.Add(source.Key, source.Value);
        }

        return labels;
    }
}
