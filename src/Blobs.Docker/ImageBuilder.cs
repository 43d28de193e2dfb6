using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Trees.Internal;

namespace Blobs.Docker;

/// <summary>Makes new images, from another image with added files or from a container's changes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ImageBuilder(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.AddAsync"/>
    public async Task<Image> AddAsync(
        string from,
        IReadOnlyList<AddedPath> added,
        ImageReference? name,
        LayerDiffOptions? layer,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(added);
        using RootLock rootLock = await root.BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        Image parent = root.Find(from);
        AddedFiles[] files = [.. added.Select(path => new AddedFiles(path))];
        LayerIngestResult step = await WithReadWriteLayerAsync(
            parent,
            tree => TreeImport.RunAsync(
                tree,
                tar =>
                {
                    using DirectoryHandle inside = DirectoryHandle.Open(tree);
                    Array.ForEach(files, file => file.WriteTo(tar, inside));
                },
                root.Context.Limits,
                root.Context.Owners),
            layer,
            cancellationToken).ConfigureAwait(false);

        ImageDraft draft = ImageDrafts.Added(parent.Config, step.Layer.DiffId, ImageDrafts.Describe(added, files));
        return await KeepAsync(parent, step.Layer, draft, author: null, comment: null, name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="DockerRoot.CommitAsync"/>
    public async Task<Image> CommitAsync(
        Container container,
        ImageReference? name,
        string? author,
        string? comment,
        LayerDiffOptions? layer,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock rootLock = await root.BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        Image parent = root.Images.TryGet(container.ImageId) ?? throw new ImageFinder(root).NoSuchImage($"{container.ImageId}");
        LayerIngestResult change = await root.Layers.CommitAsync(container.Id, layer, cancellationToken).ConfigureAwait(false);
        ImageDraft draft = ImageDrafts.Committed(parent.Config, change.Layer.DiffId, container) with { Author = author };
        return await KeepAsync(parent, change.Layer, draft, author, comment, name, cancellationToken).ConfigureAwait(false);
    }

    // Creates a read-write layer, lets the caller write to it, commits it, and removes it.
    private async Task<LayerIngestResult> WithReadWriteLayerAsync(
        Image parent, Func<string, Task> change, LayerDiffOptions? layer, CancellationToken cancellationToken)
    {
        string id = CacheId.Create() + RootPaths.StepSuffix;
        await root.Layers.CreateReadWriteAsync(id, parent.Config.ChainId, withInit: false, cancellationToken).ConfigureAwait(false);
        try
        {
            string tree = await root.Layers.MountAsync(id, cancellationToken).ConfigureAwait(false);
            try
            {
                await change(tree).ConfigureAwait(false);
            }
            finally
            {
                await root.Layers.UnmountAsync(id, CancellationToken.None).ConfigureAwait(false);
            }

            return await root.Layers.CommitAsync(id, layer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            root.Layers.DiscardReadWrite(id);
        }
    }

    private async Task<Image> KeepAsync(
        Image parent,
        Layer layer,
        ImageDraft draft,
        string? author,
        string? comment,
        ImageReference? name,
        CancellationToken cancellationToken)
    {
        Image? image = null;
        root.Layers.NoteRelease(layer.ChainId);
        try
        {
            image = root.Images.Add(ImageDrafts.Finished(draft, parent.Config, layer.DiffId == DiffId.Empty, author, comment));
            root.Images.SetParent(image.Id, parent.Id);
            if (name is not null)
            {
                await root.TagAsync(image, name, cancellationToken).ConfigureAwait(false);
            }

            return root.Images.TryGet(image.Id)!;
        }
        catch when (image is not null)
        {
            // The caller never learns the id of an image that did not get its name.
            if (name is not null && !root.Names.Read().All.Any(named => named.Value == image.Id))
            {
                root.Images.Remove(image.Id);
            }

            throw;
        }
        finally
        {
            // An empty layer is ingested but is not part of the image. Remove it, as dockerd does.
            await root.Layers.ReleaseAsync(layer.ChainId, root.TopLayers(), CancellationToken.None).ConfigureAwait(false);
        }
    }
}
