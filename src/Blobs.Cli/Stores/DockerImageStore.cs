using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>The images of a Docker data root.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DockerImageStore(LockedRoot locked) : ImageStore
{
    private DockerRoot Root => locked.Root;

    public override Task<IReadOnlyList<ListedImage>> ListAsync(bool all, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ListedImage>>([.. Root.List(all).Select(Listed)]);

    public static ListedImage Listed(ImageSummary image) =>
        ListedImage.Of(image.Image.Id, image.Image.Config, image.Tags, image.Digests, image.Size);

    public override Task<IImageSource> OpenAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(OpenedSource.Open(Root, name).Image!);

    // As docker: a container takes precedence over an image of the same name.
    public override Task<ReadOnlyMemory<byte>> InspectAsync(string name, string? kind, CancellationToken cancellationToken)
    {
        if (kind == "image")
        {
            return Task.FromResult(Root.Inspect(Root.Find(name)));
        }

        try
        {
            Container container = Root.Containers.Find(name);
            return Task.FromResult(Root.Inspect(container));
        }
        catch (NotFoundException) when (kind is null && References.FaultIn(name) is null)
        {
            return Task.FromResult(Root.Inspect(Root.Find(name)));
        }
    }

    public override Task TagAsync(string name, ImageReference newName, CancellationToken cancellationToken) =>
        Root.TagAsync(Root.Find(name), newName, cancellationToken);

    public override async Task<IReadOnlyList<RemovedReport>> RemoveAsync(
        string name, RemoveOptions options, CancellationToken cancellationToken)
    {
        Removal<Removed> gone = await Root
            .RemoveImageAsync(name, options.IsForced, options.KeepsParents, cancellationToken).ConfigureAwait(false);
        return [.. gone.Select(RemovedReport.From), .. gone.Kept.Select(layer => RemovedReport.From(layer, gone.Problem))];
    }

    public override Task<TakenImage> PushAsync(
        ImageReference name,
        RegistryClient client,
        PushOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken) => ImagePusher.PushAsync(Root, name, client, options, progress, cancellationToken);

    public override Task SaveAsync(
        IReadOnlyList<string> names, IImageTarget target, IProgress<TransferProgress>? progress, CancellationToken cancellationToken) =>
        ImageSaver.SaveAsync(Root, names, target, progress, cancellationToken);

    public override void Dispose() => locked.Dispose();
}
