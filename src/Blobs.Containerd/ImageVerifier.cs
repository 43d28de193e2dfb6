using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Pipeline;
using Blobs.Verification.Internal;

namespace Blobs.Containerd;

/// <summary>Verifies the documents of images, and finds the layers that are left to verify.</summary>
internal sealed class ImageVerifier(ContainerdStore store, VerifyRun run)
{
    private const int IndexDepthMax = 4;

    private readonly HashSet<(Digest, DiffId)> _known = [];

    /// <summary>Verifies one layer each.</summary>
    public List<Func<CancellationToken, Task>> Layers { get; } = [];

    /// <summary>Verifies what an image refers to.</summary>
    public Task VerifyAsync(ContainerdImage image, CancellationToken cancellationToken) =>
        VerifyAsync(image.Name, image.Target, 0, cancellationToken);

    private async Task VerifyAsync(string name, Descriptor target, int depth, CancellationToken cancellationToken)
    {
        Manifest? read = null;
        await TryAsync($"{target.Digest}", async () =>
        {
            read = await store.Content.ReadManifestAsync(target, cancellationToken).ConfigureAwait(false);
            return read.Bytes.Length;
        }).ConfigureAwait(false);
        if (read is ImageManifest { IsImage: true } manifest)
        {
            await VerifyAsync(name, manifest, cancellationToken).ConfigureAwait(false);
        }
        else if (read is ImageIndex index && depth < IndexDepthMax)
        {
            await VerifyAsync(name, index, depth, cancellationToken).ConfigureAwait(false);
        }
        else if (read is not null)
        {
            run.LeaveUnread($"{target.Digest}", $"is no image ({name})");
        }
    }

    // containerd need not have the images for other platforms.
    private async Task VerifyAsync(string name, ImageIndex index, int depth, CancellationToken cancellationToken)
    {
        foreach (Descriptor child in index.Manifests)
        {
            if (await HasAsync(child.Digest, cancellationToken).ConfigureAwait(false))
            {
                await VerifyAsync(name, child, depth + 1, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task VerifyAsync(string name, ImageManifest manifest, CancellationToken cancellationToken)
    {
        ImageConfig? config = null;
        await TryAsync($"{manifest.Config.Digest}", async () =>
        {
            config = await store.Content.ReadConfigAsync(manifest, cancellationToken).ConfigureAwait(false);
            return config.Bytes.Length;
        }).ConfigureAwait(false);
        if (config is null)
        {
            return;
        }

        if (config.DiffIds.Count != manifest.Layers.Count)
        {
            run.Find($"{manifest.Digest}", $"has {manifest.Layers.Count} layers, and its config {config.DiffIds.Count} ({name})");
            return;
        }

        bool isUnpacked = config.ChainId is not { } top || await Failures.OfAsync($"snapshot {top}", () => ImageInspector
            .HasSnapshotAsync(store.Services, store.Options.Snapshotter, top, cancellationToken)).ConfigureAwait(false);
        if (!isUnpacked)
        {
            run.LeaveUnread($"{config.ChainId}", $"is not unpacked for {store.Options.Snapshotter} ({name})");
        }

        foreach ((Descriptor blob, DiffId diffId) in manifest.Layers.Zip(config.DiffIds).Distinct())
        {
            await ScheduleAsync(name, blob, diffId, isUnpacked, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ScheduleAsync(
        string name, Descriptor blob, DiffId diffId, bool isUnpacked, CancellationToken cancellationToken)
    {
        if (!_known.Add((blob.Digest, diffId)))
        {
            return;
        }

        if (await HasAsync(blob.Digest, cancellationToken).ConfigureAwait(false))
        {
            Layers.Add(token => TryAsync($"{blob.Digest}", () => ReadAsync(blob, diffId, token)));
        }
        else if (isUnpacked)
        {
            run.LeaveUnread($"{blob.Digest}", $"is not kept, only unpacked ({name})");
        }
        else
        {
            run.Find($"{blob.Digest}", $"is missing, and not unpacked either ({name})");
        }
    }

    private async Task<long> ReadAsync(Descriptor blob, DiffId diffId, CancellationToken cancellationToken)
    {
        var stream = new VerifyingStream(ContentBlob.Open(store.Services, blob.Digest, 0), blob.Digest, blob.Size);
        await using (stream.ConfigureAwait(false))
        {
            var pass = new LayerPipelineOptions { ExpectedDiffId = diffId, Limits = store.Options.Limits };
            return (await LayerPipeline.RunAsync(stream, pass, cancellationToken).ConfigureAwait(false)).UncompressedBytes;
        }
    }

    private Task<bool> HasAsync(Digest digest, CancellationToken cancellationToken) => Failures.OfAsync(
        $"blob {digest}", async () => await store.Content.FindAsync(digest, cancellationToken).ConfigureAwait(false) is not null);

    // Reads something, and notes what is wrong with it, or why it could not be read.
    private async Task TryAsync(string what, Func<Task<long>> read)
    {
        try
        {
            run.CountBytes(await Failures.OfAsync($"blob {what}", read).ConfigureAwait(false));
            run.CountFiles(1);
        }
        catch (NotFoundException)
        {
            run.Find(what, "is missing");
        }
        catch (ContainerdException fault)
        {
            run.Fail(what, fault.Message);
        }
        catch (BlobsException fault)
        {
            run.Note(what, fault);
        }
    }
}
