using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Errors;

namespace Blobs.Docker;

/// <summary>Removes containers and their layers.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainerRemover(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.RemoveContainerAsync"/>
    public async Task RemoveAsync(Container container, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock rootLock = await root.BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        if (container.State.Running && !force)
        {
            throw new StoreException(
                root.Path,
                $"you cannot remove a running container {container.Id}: " +
                "stop the container before attempting removal or force remove");
        }

        string[] mounted = [.. LayersOf(container).Select(layer => layer.Name).Where(root.Layers.IsMounted)];
        if (mounted.Length > 0 && !force)
        {
            throw new StoreException(root.Path, $"{root.Path}: container {container.Name} is mounted: unmount it, or force the removal");
        }

        foreach (string layer in mounted)
        {
            while (root.Layers.IsMounted(layer))
            {
                await root.Layers.UnmountAsync(layer, cancellationToken).ConfigureAwait(false);
            }
        }

        if (root.Containers.TryHide(container.Id))
        {
            // Flush before removing the layers, so that after a machine crash a container either has its layers or is
            // absent.
            root.Context.FlushNames(root.Containers.Folder);
        }

        await DropAsync(container.Id, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Removes the containers that a process was creating or removing when it ended. The layers are removed
    /// first, because they are found through the container's files.</summary>
    public IReadOnlyList<string> Sweep()
    {
        string[] unfinished = [.. root.Containers.HiddenIds()];
        foreach (string id in unfinished)
        {
            foreach (ReadWriteLayer layer in LayersOf(id, root.Containers.HiddenImageMounts(id)).ToArray())
            {
                root.Layers.NoteRelease(layer.Parent);
                root.Layers.DiscardReadWrite(layer.Name);
            }

            Discard(id);
        }

        return unfinished;
    }

    /// <summary>The layers that go with a container.</summary>
    public IEnumerable<ReadWriteLayer> LayersOf(Container container) => LayersOf(container.Id, container.ImageMounts);

    // The files stay hidden until the layers are gone. A sweep uses them to find and finish an interrupted removal.
    private async Task DropAsync(string id, CancellationToken cancellationToken)
    {
        ReadWriteLayer[] layers = [.. LayersOf(id, root.Containers.HiddenImageMounts(id))];
        Array.ForEach(layers, layer => root.Layers.NoteRelease(layer.Parent));
        foreach (ReadWriteLayer layer in layers)
        {
            await root.Layers.RemoveReadWriteAsync(layer.Name, cancellationToken).ConfigureAwait(false);
            if (layer.Parent is { } parent)
            {
                await root.Layers.ReleaseAsync(parent, root.TopLayers(), cancellationToken).ConfigureAwait(false);
            }
        }

        root.Containers.DropHidden(id);
    }

    // Returns the container's own layer and the layers of the images it mounts. The latter are identified by their
    // directories, because their names differ between dockerd versions. Another container's layer is never removed,
    // even if a damaged file refers to it.
    private IEnumerable<ReadWriteLayer> LayersOf(string id, IReadOnlyList<ImageMount> mounts)
    {
        IEnumerable<ReadWriteLayer> mounted = mounts.Count == 0
            ? []
            : root.Layers.ReadWriteLayers().Where(layer =>
                layer.Name != id && !root.Containers.Has(layer.Name) && mounts.Any(mount => mount.MountId == layer.MountId));
        return root.Layers.TryGetReadWrite(id) is { } own ? [own, .. mounted] : mounted;
    }

    private void Discard(string id)
    {
        root.Layers.DiscardReadWrite(id);
        root.Containers.DropHidden(id);
    }
}
