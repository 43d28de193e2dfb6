using Blobs.Containerd.Api;
using Blobs.Hashing;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Finds out what containerd has of an image.</summary>
internal static class ImageInspector
{
    public static async Task<ContainerdInspection> RunAsync(
        ContainerdStore store, ContainerdImageSource source, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContainerdImage> images = await ImageNames.ListAsync(store.Services, cancellationToken).ConfigureAwait(false);
        var missing = new List<Digest>();
        long bytes = source.Manifest.Bytes.Length;
        foreach (Digest digest in source.Manifest.References.Select(one => one.Digest).Distinct())
        {
            Info? info = await store.Content.FindAsync(digest, cancellationToken).ConfigureAwait(false);
            bytes += info?.Size ?? 0;
            if (info is null)
            {
                missing.Add(digest);
            }
        }

        return new ContainerdInspection
        {
            Image = source.Image,
            OtherNames = [.. images
                .Where(one => one.Target.Digest == source.Image.Target.Digest && one.Name != source.Image.Name)
                .Select(one => one.Name)],
            Manifest = source.Manifest,
            Config = source.Config,
            MissingBlobs = missing,
            ContentBytes = bytes,
            IsUnpacked = source.Config.ChainId is not { } top
                || await HasSnapshotAsync(store.Services, store.Options.Snapshotter, top, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Whether the tree of a stack of layers is there. Committing one requires those below it.</summary>
    public static async Task<bool> HasSnapshotAsync(
        Services services, string snapshotter, ChainId chain, CancellationToken cancellationToken)
    {
        try
        {
            StatSnapshotResponse found = await services.Snapshots.StatAsync(
                new StatSnapshotRequest { Snapshotter = snapshotter, Key = $"{chain}" }, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return found.Info?.Kind == Kind.Committed;
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }
}
