using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Removes what nothing in a data root needs. A plan says what goes; a dry run stops there.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootPruner(DockerRoot root)
{
    private readonly KeptBlobs _blobs = new(root);

    /// <inheritdoc cref="DockerRoot.FindPrunable"/>
    public RootPrune Plan(PruneOptions options)
    {
        using FileLock? taken = _blobs.TryLock(out string? problem);
        return Plan(options, problem);
    }

    /// <inheritdoc cref="DockerRoot.PruneAsync"/>
    public async Task<RootPrune> RunAsync(PruneOptions options, CancellationToken cancellationToken)
    {
        using RootLock taken = await root.BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        using FileLock? blobs = _blobs.TryLock(out string? problem);
        RootPrune plan = Plan(options, problem);
        foreach (Container container in plan.Containers)
        {
            await new ContainerRemover(root).RemoveAsync(container, force: false, cancellationToken).ConfigureAwait(false);
        }

        Removal<Layer> layers = await RemoveImagesAsync(plan, cancellationToken).ConfigureAwait(false);
        foreach (KeptBlob blob in plan.Blobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _blobs.Remove(blob);
        }

        // Another thread of this process may have needed a layer meanwhile.
        Layer[] gone = [.. plan.Layers.Where(layer => root.Layers.TryGet(layer.ChainId) is null)];
        long left = plan.Layers.Except(gone).Sum(layer => layer.Size);
        return plan with { Layers = new Removal<Layer>(gone, layers.Kept, layers.Problem), Bytes = plan.Bytes - left };
    }

    private RootPrune Plan(PruneOptions options, string? blobProblem)
    {
        root.Require();
        root.Containers.ThrowIfAnyIsDamaged();
        IReadOnlyList<ImageSummary> images = root.List(all: true);
        ILookup<bool, Container> containers = root.Containers.Containers()
            .ToLookup(container => options.Containers && !container.State.Running && !IsMounted(container));
        IReadOnlyList<ImageSummary> going = Prunable(images, options.All, containers[false]);
        ReadWriteLayer[] readWrite = [.. containers[true].SelectMany(new ContainerRemover(root).LayersOf)];
        Removal<Layer> layers = root.Layers.UnreferencedWithout(
            root.Images.NeededLayers([.. going.Select(image => image.Image.Id)]),
            name => Array.Exists(readWrite, layer => layer.Name == name));
        IReadOnlyList<KeptBlob> blobs = blobProblem is null ? _blobs.Unneeded([.. images.Except(going)]) : [];
        return new RootPrune
        {
            Containers = [.. containers[true]],
            Images = going,
            Layers = layers,
            Blobs = blobs,
            BlobProblem = blobProblem,
            Bytes = layers.Sum(layer => layer.Size) + blobs.Sum(blob => blob.Bytes)
                + readWrite.Sum(layer => root.Layers.SizeOf(layer)),
        };
    }

    // An image that another one was made from stays while that one does.
    private static List<ImageSummary> Prunable(
        IReadOnlyList<ImageSummary> images, bool all, IEnumerable<Container> containers)
    {
        Container[] users = [.. containers];
        ILookup<Digest?, Digest> children = images.ToLookup(image => image.Image.Parent, image => image.Image.Id);
        var unused = images.Where(image => (all || image.Tags.Count == 0)
            && !Array.Exists(users, container => container.Uses(image.Image.Id))).ToList();
        var going = new List<ImageSummary>();
        var ids = new HashSet<Digest>();
        while (unused.Find(image => children[image.Image.Id].All(ids.Contains)) is { } next)
        {
            unused.Remove(next);
            going.Add(next);
            ids.Add(next.Image.Id);
        }

        return going;
    }

    private bool IsMounted(Container container) =>
        new ContainerRemover(root).LayersOf(container).Any(layer => root.Layers.IsMounted(layer.Name));

    // Layers go last and together. A note for each image makes the next writer finish what a crash interrupted.
    private async Task<Removal<Layer>> RemoveImagesAsync(RootPrune plan, CancellationToken cancellationToken)
    {
        foreach (ImageSummary image in plan.Images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (ImageReference name in image.Tags.Concat(image.Digests))
            {
                root.Names.Remove(name);
            }

            root.Layers.NoteRelease(image.Image.Config.ChainId);
            root.Images.Remove(image.Image.Id);
        }

        HashSet<ChainId> needed = root.Images.NeededLayers();
        foreach (ChainId top in root.Layers.NotedReleases())
        {
            await root.Layers.ReleaseAsync(top, needed, cancellationToken).ConfigureAwait(false);
        }

        return await root.Layers.RemoveUnreferencedAsync(needed, cancellationToken).ConfigureAwait(false);
    }
}
