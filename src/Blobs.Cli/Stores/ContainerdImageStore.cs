using System.Runtime.Versioning;
using System.Text.Json;
using Blobs.Containerd;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Stores;

/// <summary>The images of a namespace of containerd. As in Docker with the containerd image store, an image's id is the digest of
/// what its names refer to.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ContainerdImageStore(ContainerdStore store) : ImageStore
{
    public override async Task<IReadOnlyList<ListedImage>> ListAsync(bool all, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContainerdImage> images = await store.ListAsync(cancellationToken).ConfigureAwait(false);
        var listed = new List<ListedImage>();
        foreach (IGrouping<Digest, ContainerdImage> image in images.GroupBy(image => image.Target.Digest))
        {
            listed.Add(await ListedAsync([.. image], cancellationToken).ConfigureAwait(false));
        }

        return [.. listed.OrderByDescending(image => image.Created.ToUnixTimeSeconds()).ThenBy(image => image.Id)];
    }

    public override async Task<IImageSource> OpenAsync(string name, CancellationToken cancellationToken)
    {
        ContainerdImageSource image = await store.OpenAsync(name, null, cancellationToken).ConfigureAwait(false);
        return image;
    }

    public override async Task<ReadOnlyMemory<byte>> InspectAsync(string name, string? kind, CancellationToken cancellationToken)
    {
        if (kind == "container")
        {
            throw new WorkFailedException($"{store.Namespace}: containers of containerd are not known here");
        }

        ContainerdInspection found = await store.InspectAsync(name, null, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToUtf8Bytes(ContainerdReport.From(found), ContainerdJson.Default.ContainerdReport);
    }

    public override Task TagAsync(string name, ImageReference newName, CancellationToken cancellationToken) =>
        store.TagAsync(name, newName, cancellationToken);

    public override async Task<IReadOnlyList<RemovedReport>> RemoveAsync(
        string name, RemoveOptions options, CancellationToken cancellationToken)
    {
        ContainerdImage image = await store.FindAsync(name, cancellationToken).ConfigureAwait(false);
        RemovedName removed = await store.RemoveAsync(name, options.IsForced, cancellationToken).ConfigureAwait(false);
        if (removed.Target is null && await HasOnlyDigestsAsync(image.Target.Digest, cancellationToken).ConfigureAwait(false))
        {
            RemovedName rest = await store.RemoveAsync($"{image.Target.Digest}", isForced: true, cancellationToken).ConfigureAwait(false);
            removed = new RemovedName([.. removed.Names, .. rest.Names], rest.Target);
        }

        return
        [
            .. removed.Names.Select(one => new RemovedReport(Shown(one), null)),
            .. removed.Target is { } target ? (RemovedReport[])[new RemovedReport(null, $"{target}")] : [],
        ];
    }

    // CRI gives each image names by its digests, too. As with docker, they go with the last tag.
    private async Task<bool> HasOnlyDigestsAsync(Digest target, CancellationToken cancellationToken)
    {
        IReadOnlyList<ContainerdImage> images = await store.ListAsync(cancellationToken).ConfigureAwait(false);
        return images.Where(image => image.Target.Digest == target)
            .All(image => IsConfigDigest(image.Name) || Parse(image.Name) is { Digest: not null });
    }

    public override void Dispose() => store.Dispose();

    // Of an image for other platforms only the index is there.
    private async Task<ListedImage> ListedAsync(ContainerdImage[] names, CancellationToken cancellationToken)
    {
        ContainerdImage first = names[0];
        ImageReference[] parsed = [.. names.Select(name => Parse(name.Name)).OfType<ImageReference>()];
        ImageReference[] tags = [.. parsed.Where(name => name.Digest is null)];
        ImageReference[] digests = [.. parsed.DistinctBy(name => name.Name).Select(name => name.WithDigest(first.Target.Digest))];
        try
        {
            ContainerdInspection found = await store.InspectAsync(first.Name, null, cancellationToken).ConfigureAwait(false);
            return ListedImage.Of(first.Target.Digest, found.Config, tags, digests, found.ContentBytes);
        }
        catch (NotFoundException)
        {
            return new ListedImage
            {
                Id = first.Target.Digest,
                Created = first.Created ?? DateTimeOffset.MinValue,
                Tags = tags,
                Digests = digests,
                Size = first.Target.Size,
            };
        }
    }

    private static string Shown(string name) => Parse(name)?.Familiar ?? name;

    // Such names are CRI's.
    private static bool IsConfigDigest(string name) => name.StartsWith("sha256:", StringComparison.Ordinal);

    private static ImageReference? Parse(string name) =>
        !IsConfigDigest(name) && ImageReference.TryParse(name, out ImageReference? parsed) ? parsed : null;
}
