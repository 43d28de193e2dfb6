using System.Runtime.Versioning;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Saves images of a Docker data root, selected as by <c>docker save</c>: a name with a tag; a repository for
/// all its tags; an id or the start of one, which saves the image without a name.</summary>
[SupportedOSPlatform("linux")]
public static class ImageSaver
{
    /// <summary>Writes the images to a target, in the order of their first mention, and commits it.</summary>
    /// <param name="root">The data root that has the images.</param>
    /// <param name="names">Names or ids, as the user typed them.</param>
    /// <param name="target">An archive or a layout; the caller disposes it.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="StoreException">A layer is damaged.</exception>
    /// <exception cref="DigestMismatchException">A layer's tree has changed since it was unpacked.</exception>
    public static async Task<IReadOnlyList<TakenImage>> SaveAsync(
        DockerRoot root,
        IReadOnlyList<string> names,
        IImageTarget target,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(target);
        var taken = new List<TakenImage>();
        foreach (DockerImageSource image in Choose(root, names))
        {
            taken.Add(await target.TakeAsync(image, image.Names, progress, cancellationToken).ConfigureAwait(false));
        }

        await target.CommitAsync(cancellationToken).ConfigureAwait(false);
        return taken;
    }

    private static IEnumerable<DockerImageSource> Choose(DockerRoot root, IReadOnlyList<string> names)
    {
        var order = new List<Image>();
        var tags = new Dictionary<Digest, List<ImageReference>>();
        NameTable table = root.Names.Read();
        foreach (string name in names)
        {
            bool isName = ImageReference.TryParse(name, out ImageReference? reference);
            KeyValuePair<ImageReference, Digest>[] repository = isName && reference!.Tag is null && reference.Digest is null
                ? [.. table.In(reference)]
                : [];
            foreach ((ImageReference member, Digest image) in repository)
            {
                Add(root.Find($"{image}"), member);
            }

            if (repository.Length == 0)
            {
                // An image found by its id is saved without a name.
                Image found = root.Find(name);
                Add(found, isName && table.TryGet(reference!, out Digest? named) && named == found.Id ? reference : null);
            }
        }

        return order.Select(image => new DockerImageSource(root, image, tags[image.Id]));

        void Add(Image image, ImageReference? name)
        {
            if (!tags.TryGetValue(image.Id, out List<ImageReference>? own))
            {
                order.Add(image);
                tags.Add(image.Id, own = []);
            }

            if (name is { Tag: not null, Digest: null } && !own.Contains(name))
            {
                own.Add(name);
            }
        }
    }
}
