using System.Runtime.Versioning;
using Blobs.ContainersStorage;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Stores;

/// <summary>The images of a store of podman. Each call takes the store's locks for itself.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainersImageStore(ContainersStore store) : ImageStore
{
    public override async Task<IReadOnlyList<ListedImage>> ListAsync(bool all, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredImageSummary> images = await store.SummarizeAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. images.Where(image => all || !image.IsIntermediate)
                .OrderByDescending(image => image.Config.CreatedTime.ToUnixTimeSeconds()).ThenBy(image => image.Config.Id)
                .Select(image => ListedImage.Of(image.Config.Id, image.Config, image.Tags, image.Digests, image.Size)),
        ];
    }

    public override async Task<IImageSource> OpenAsync(string name, CancellationToken cancellationToken)
    {
        ContainersImageSource image = await store.OpenAsync(name, cancellationToken).ConfigureAwait(false);
        return image;
    }

    public override Task<ReadOnlyMemory<byte>> InspectAsync(string name, string? kind, CancellationToken cancellationToken) =>
        kind == "container"
            ? throw new WorkFailedException($"{store.Root}: containers of podman are not known here")
            : store.InspectAsync(name, cancellationToken);

    public override Task TagAsync(string name, ImageReference newName, CancellationToken cancellationToken) =>
        store.TagAsync(name, newName, cancellationToken);

    public override async Task<IReadOnlyList<RemovedReport>> RemoveAsync(
        string name, RemoveOptions options, CancellationToken cancellationToken)
    {
        RemovedImage removed = await store.RemoveAsync(name, options.IsForced, cancellationToken).ConfigureAwait(false);
        return
        [
            .. removed.Names.Select(one => new RemovedReport(Shown(one), null)),
            .. removed.Id is null ? [] : (RemovedReport[])[new RemovedReport(null, $"{Digest.Parse($"sha256:{removed.Id}")}")],
            .. removed.Layers.Select(layer => new RemovedReport(null, $"sha256:{layer}")),
        ];
    }

    public override void Dispose()
    {
    }

    private static string Shown(string name) => ImageReference.TryParse(name, out ImageReference? parsed) ? parsed.Familiar : name;
}
