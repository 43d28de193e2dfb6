using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli.Stores;

/// <summary>The images of an engine, as verbs see them: Docker's data root, the store of podman, for example. Names are those
/// that the user typed.</summary>
internal abstract class ImageStore : IDisposable
{
    /// <summary>The images, the newest first.</summary>
    /// <param name="all">Also intermediate images, which other images were made from.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public abstract Task<IReadOnlyList<ListedImage>> ListAsync(bool all, CancellationToken cancellationToken);

    /// <summary>Opens an image to read it. It has the name that the user typed, and none when that was an id.</summary>
    public abstract Task<IImageSource> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>The details of an image, and of a container where the engine's containers are known: a JSON object.</summary>
    /// <param name="name">Its name or id.</param>
    /// <param name="kind"><c>image</c> or <c>container</c>; null for either.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public abstract Task<ReadOnlyMemory<byte>> InspectAsync(string name, string? kind, CancellationToken cancellationToken);

    /// <summary>Gives an image one more name.</summary>
    public abstract Task TagAsync(string name, ImageReference newName, CancellationToken cancellationToken);

    /// <summary>Removes a name, and with the last one the image and what only it needs.</summary>
    public abstract Task<IReadOnlyList<RemovedReport>> RemoveAsync(
        string name, RemoveOptions options, CancellationToken cancellationToken);

    /// <summary>Sends an image to the registry that its name says.</summary>
    public virtual async Task<TakenImage> PushAsync(
        ImageReference name,
        RegistryClient client,
        PushOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        IImageSource image = await OpenAsync(name.Familiar, cancellationToken).ConfigureAwait(false);
        var target = new RegistryImageTarget(client, name, options);
        await using (target.ConfigureAwait(false))
        {
            return await target.TakeAsync(image, [], progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives images to an archive, in the order of their first mention. A repository without a tag means all its
    /// tags.</summary>
    public virtual async Task SaveAsync(
        IReadOnlyList<string> names, IImageTarget target, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var chosen = new OrderedDictionary<Digest, (IImageSource Image, List<ImageReference> Tags)>();
        foreach (string name in names)
        {
            IReadOnlyList<ImageReference> tags = await TagsOfRepositoryAsync(name, cancellationToken).ConfigureAwait(false);
            foreach (string one in tags.Count > 0 ? tags.Select(tag => tag.Familiar) : [name])
            {
                IImageSource image = await OpenAsync(one, cancellationToken).ConfigureAwait(false);
                bool isName = ImageReference.TryParse(one, out ImageReference? written);
                chosen.TryAdd(image.Config.Id, (image, []));
                List<ImageReference> own = chosen[image.Config.Id].Tags;
                own.AddRange(image.Names.Where(IsMeant).Except(own));

                // An id, which may look like a name, means none. podman's own images are those of localhost.
                bool IsMeant(ImageReference tag) => isName && tag is { Tag: not null, Digest: null }
                    && (tag.Name == written!.Name || tag.Name == $"localhost/{written.FamiliarName}");
            }
        }

        foreach ((IImageSource image, List<ImageReference> tags) in chosen.Values)
        {
            await target.TakeAsync(image, tags, progress, cancellationToken).ConfigureAwait(false);
        }

        await target.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    // None, if the word has a tag or digest, or names no repository.
    private async Task<IReadOnlyList<ImageReference>> TagsOfRepositoryAsync(string word, CancellationToken cancellationToken)
    {
        if (!ImageReference.TryParse(word, out ImageReference? repository) || repository is not { Tag: null, Digest: null })
        {
            return [];
        }

        IReadOnlyList<ListedImage> images = await ListAsync(all: true, cancellationToken).ConfigureAwait(false);
        return [.. images.SelectMany(image => image.Tags).Where(tag => tag.Name == repository.Name)];
    }

    public abstract void Dispose();
}
