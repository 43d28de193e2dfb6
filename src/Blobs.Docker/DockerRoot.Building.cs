using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;
using Blobs.Trees.Internal;

namespace Blobs.Docker;

/// <content>New images: from files on top of another, and from what a container changed.</content>
public sealed partial class DockerRoot
{
    /// <summary>Makes an image of another one with files on top, as a build step <c>ADD</c> does.</summary>
    /// <param name="from">Name or id of the image below.</param>
    /// <param name="added">What is added, one after another, as one layer.</param>
    /// <param name="name">What to call the image; nothing when null.</param>
    /// <param name="layer">How the layer's tar is made.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">Something to be added is not there.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Image> AddAsync(
        string from,
        IReadOnlyList<AddedPath> added,
        ImageReference? name = null,
        LayerDiffOptions? layer = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(added);
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        Image parent = Find(from);
        AddedFiles[] files = [.. added.Select(path => new AddedFiles(path))];
        LayerIngestResult step = await WithReadWriteLayerAsync(
            parent,
            tree => TreeImport.RunAsync(
                tree,
                tar =>
                {
                    using DirectoryHandle root = DirectoryHandle.Open(tree);
                    Array.ForEach(files, file => file.WriteTo(tar, root));
                },
                Context.Limits,
                Context.Owners),
            layer,
            cancellationToken).ConfigureAwait(false);

        ImageDraft draft = Added(parent.Config, step.Layer.DiffId, Describe(added, files));
        return await KeepAsync(parent, step.Layer, draft, author: null, comment: null, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an image of what a container changed, on top of the container's own.</summary>
    /// <param name="container">A container of this root.</param>
    /// <param name="name">What to call the image; nothing when null.</param>
    /// <param name="author">Who makes it.</param>
    /// <param name="comment">A remark.</param>
    /// <param name="layer">How the layer's tar is made.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">The container's image or layers are not there.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Image> CommitAsync(
        Container container,
        ImageReference? name = null,
        string? author = null,
        string? comment = null,
        LayerDiffOptions? layer = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        Image parent = Images.TryGet(container.ImageId) ?? throw NoSuchImage($"{container.ImageId}");
        LayerIngestResult change = await Layers.CommitAsync(container.Id, layer, cancellationToken).ConfigureAwait(false);
        ImageDraft draft = Committed(parent.Config, change.Layer.DiffId, container) with { Author = author };
        return await KeepAsync(parent, change.Layer, draft, author, comment, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The config of an image to which a build step has added something.</summary>
    /// <param name="parent">The image below.</param>
    /// <param name="layer">What was added.</param>
    /// <param name="step">The step.</param>
    internal static ImageDraft Added(ImageConfig parent, DiffId layer, string step)
    {
        // A build step's own config names the image below; the command in it tells what was done.
        RunConfig config = parent.Config with { Image = $"{parent.Id}" };
        IReadOnlyList<string> shell = config.Shell is { Count: > 0 } own ? own : ["/bin/sh", "-c"];
        return ChildOf(parent, layer) with
        {
            Config = config,
            ContainerConfig = config with { Cmd = [.. shell, $"#(nop) {step} "] },
        };
    }

    /// <summary>The config of an image of what a container changed.</summary>
    /// <param name="parent">The image below.</param>
    /// <param name="layer">The changes.</param>
    /// <param name="container">The container.</param>
    internal static ImageDraft Committed(ImageConfig parent, DiffId layer, Container container) => ChildOf(parent, layer) with
    {
        Config = container.Config,
        Container = container.Id,
        ContainerConfig = container.Config,
    };

    /// <summary>The draft with the step that made it behind those of the image below.</summary>
    internal static ImageConfig Finished(ImageDraft draft, ImageConfig parent, bool isEmpty, string? author, string? comment) =>
        (draft with
        {
            History =
            [
                .. parent.History,
                new HistoryEntry
                {
                    Created = draft.Created,
                    Author = author,
                    CreatedBy = string.Join(' ', draft.ContainerConfig.Cmd ?? []),
                    Comment = comment,
                    EmptyLayer = isEmpty,
                },
            ],
        }).ToConfig();

    // A layer that something is written to and committed from, and that nothing is left of.
    private async Task<LayerIngestResult> WithReadWriteLayerAsync(
        Image parent, Func<string, Task> change, LayerDiffOptions? layer, CancellationToken cancellationToken)
    {
        string id = CacheId.Create() + RootPaths.StepSuffix;
        await Layers.CreateReadWriteAsync(id, parent.Config.ChainId, withInit: false, cancellationToken).ConfigureAwait(false);
        try
        {
            string tree = await Layers.MountAsync(id, cancellationToken).ConfigureAwait(false);
            try
            {
                await change(tree).ConfigureAwait(false);
            }
            finally
            {
                await Layers.UnmountAsync(id, CancellationToken.None).ConfigureAwait(false);
            }

            return await Layers.CommitAsync(id, layer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Layers.DiscardReadWrite(id);
        }
    }

    // A step that changed nothing leaves no layer: its tar is the empty one.
    private static ImageDraft ChildOf(ImageConfig parent, DiffId layer) => new()
    {
        Created = GoTime.Of(DateTimeOffset.UtcNow),
        Platform = parent.Platform with
        {
            Os = parent.Platform.Os.Length > 0 ? parent.Platform.Os : Platform.Current.Os,
            Architecture = parent.Platform.Architecture.Length > 0
                ? parent.Platform.Architecture
                : Platform.Current.Architecture,
        },
        DiffIds = layer == DiffId.Empty ? parent.DiffIds : [.. parent.DiffIds, layer],
        Unknown = parent.Unknown,
        UnknownOfRootFs = parent.UnknownOfRootFs,
    };

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
        Layers.NoteRelease(layer.ChainId);
        try
        {
            image = Images.Add(Finished(draft, parent.Config, layer.DiffId == DiffId.Empty, author, comment));
            Images.SetParent(image.Id, parent.Id);
            if (name is not null)
            {
                await TagAsync(image, name, cancellationToken).ConfigureAwait(false);
            }

            // The engine registers the empty layer too, and lets go of it again.
            return Images.TryGet(image.Id)!;
        }
        catch when (image is not null)
        {
            // Nobody would look for one that did not get its name.
            if (name is not null && !Names.Read().All.Any(named => named.Value == image.Id))
            {
                Images.Remove(image.Id);
            }

            throw;
        }
        finally
        {
            await Layers.ReleaseAsync(layer.ChainId, TopLayers(), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string Describe(IReadOnlyList<AddedPath> added, AddedFiles[] files)
    {
        var byDestination = added.Zip(files).GroupBy(pair => pair.First.Destination);
        return string.Join(' ', byDestination.Select(group =>
            $"ADD {AddedFiles.Join([.. group.Select(pair => pair.Second.Hash)])} in {group.Key}"));
    }
}
