using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <content>Images go as <c>docker rmi</c> lets them go: first names, then the image, then what it was made from, then layers.</content>
public sealed partial class DockerRoot
{
    /// <summary>
    /// Takes a name away, and with the last one the image, its parents that nothing names or uses, and the layers that no image is left
    /// for. By id the image goes if it has one name at most.
    /// </summary>
    /// <param name="name">Name or id of the image.</param>
    /// <param name="force">Also when stopped containers use it, or by id when it has several names.</param>
    /// <param name="keepParents">Leaves the images it was made from.</param>
    /// <param name="cancellationToken">Ends the waiting for others.</param>
    /// <returns>What is gone, in the order it went, and which of its layers BuildKit's cache keeps.</returns>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">Something stands in the way.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Removal<Removed>> RemoveImageAsync(
        string name, bool force = false, bool keepParents = false, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        Image image = Find(name);
        var removed = new List<Removed>();
        bool isId = $"{image.Id}".StartsWith(name, StringComparison.Ordinal) || image.Id.Hex.StartsWith(name, StringComparison.Ordinal);
        if (isId)
        {
            UntagById(image, force, removed);
        }
        else if (!Untag(image, name, force, removed))
        {
            return new Removal<Removed>(removed, [], problem: null);
        }

        return await DeleteAsync(image, force, keepParents, isQuiet: !isId, removed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The layers that no image and no container needs, each before its parent: those that were ingested by themselves, and
    /// what a pull that never ended had finished.</summary>
    /// <exception cref="StoreException">An image's config is damaged, so nobody can tell which layers it needs.</exception>
    public Removal<Layer> UnneededLayers() => Layers.Unreferenced(Images.NeededLayers());

    /// <summary>Removes <see cref="UnneededLayers"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting for others, and the work between two layers.</param>
    /// <returns>What is gone, in the order it went.</returns>
    /// <exception cref="StoreException">An image's config is damaged, so nobody can tell which layers it needs.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Removal<Layer>> PruneLayersAsync(CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        return await Layers.RemoveUnreferencedAsync(Images.NeededLayers(), cancellationToken).ConfigureAwait(false);
    }

    // False when other names keep the image.
    private bool Untag(Image image, string name, bool force, List<Removed> removed)
    {
        if (!force && IsOneName(NamesOf(image)) && UserOf(image, _ => true) is { } user)
        {
            throw new StoreException(
                Path,
                $"conflict: unable to remove repository reference \"{name}\" (must force) - "
                + $"container {DigestText.Shorten(user.Id)} is using its "
                + $"referenced image {DigestText.Shorten(image.Id.Hex)}");
        }

        ImageReference reference = ImageReference.Parse(name).WithDefaultTag();
        reference = reference.Digest is { } digest ? reference.WithDigest(digest) : reference;
        RemoveName(reference, removed);

        // Digests of a repository that has no tag left for the image go with the last one.
        ImageReference[] left = NamesOf(image);
        if (reference.Digest is null && !Array.Exists(left, other => other.Digest is null && other.Name == reference.Name))
        {
            foreach (ImageReference other in left.Where(other => other.Name == reference.Name))
            {
                RemoveName(other, removed);
            }
        }

        return NamesOf(image).Length == 0;
    }

    private void UntagById(Image image, bool force, List<Removed> removed)
    {
        ImageReference[] names = NamesOf(image);
        if (!IsOneName(names))
        {
            return;
        }

        ThrowIfInUse(image, ignoreNames: true, ignoreStopped: force);
        foreach (ImageReference name in names)
        {
            RemoveName(name, removed);
        }
    }

    private async Task<Removal<Removed>> DeleteAsync(
        Image image, bool force, bool keepParents, bool isQuiet, List<Removed> removed, CancellationToken cancellationToken)
    {
        var kept = new List<KeptLayer>();
        string? problem = null;
        for (Image? next = image; next is not null;)
        {
            try
            {
                ThrowIfInUse(next, ignoreNames: force, ignoreStopped: force);
            }
            catch (StoreException) when (isQuiet && IsNeeded(next))
            {
                break;
            }

            foreach (ImageReference name in NamesOf(next))
            {
                RemoveName(name, removed);
            }

            Image? parent = next.Parent is { } id && !keepParents ? Images.TryGet(id) : null;
            Layers.NoteRelease(next.Config.ChainId);
            Images.Remove(next.Id);
            removed.Add(new Removed { Image = next.Id });
            if (next.Config.ChainId is { } top)
            {
                Removal<Layer> layers = await Layers.ReleaseAsync(top, TopLayers(), cancellationToken).ConfigureAwait(false);
                removed.AddRange(layers.Select(layer => new Removed { Layer = layer.ChainId }));
                kept.AddRange(layers.Kept);
                problem ??= layers.Problem;
            }

            // Parents go silently, and only those that nobody could miss.
            next = parent;
            (force, isQuiet) = (false, true);
        }

        return new Removal<Removed>(removed, [.. kept.Distinct()], problem);
    }

    private void ThrowIfInUse(Image image, bool ignoreNames, bool ignoreStopped)
    {
        if (Images.ChildrenOf(image.Id).Any())
        {
            throw Conflict("cannot be forced", "image has dependent child images");
        }

        if (UserOf(image, container => container.State.Running) is { } running)
        {
            throw Conflict("cannot be forced", $"image is being used by running container {DigestText.Shorten(running.Id)}");
        }

        if (!ignoreNames && NamesOf(image).Length > 0)
        {
            throw Conflict("must be forced", "image is referenced in multiple repositories");
        }

        if (!ignoreStopped && UserOf(image, container => !container.State.Running) is { } stopped)
        {
            throw Conflict("must be forced", $"image is being used by stopped container {DigestText.Shorten(stopped.Id)}");
        }

        StoreException Conflict(string how, string why) =>
            new(Path, $"conflict: unable to delete {DigestText.Shorten(image.Id.Hex)} ({how}) - {why}");
    }

    // As the engine counts: at most one tag, and digests in one repository only.
    private static bool IsOneName(ImageReference[] names)
    {
        ImageReference[] tags = [.. names.Where(name => name.Digest is null)];
        string[] repositories = [.. names.Where(name => name.Digest is not null).Select(name => name.Name).Distinct()];
        return names.Length <= 1
            ? names.Length == 1
            : tags.Length <= 1 && repositories.Length == 1 && (tags.Length == 0 || tags[0].Name == repositories[0]);
    }

    private bool IsNeeded(Image image) =>
        NamesOf(image).Length > 0 || Images.ChildrenOf(image.Id).Any() || UserOf(image, _ => true) is not null;

    private ImageReference[] NamesOf(Image image) => [.. Names.Read().Of(image.Id)];

    private void RemoveName(ImageReference name, List<Removed> removed)
    {
        Names.Remove(name);
        removed.Add(new Removed { Untagged = name });
    }

    private Container? UserOf(Image image, Func<Container, bool> which) =>
        Containers.Containers().FirstOrDefault(container => container.Uses(image.Id) && which(container));
}
