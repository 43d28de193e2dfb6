using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Removes images as <c>docker rmi</c> does: names first, then the image, the images it was made from, and the
/// layers.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ImageRemover(DockerRoot root)
{
    private readonly ImageUse _use = new(root);

    /// <inheritdoc cref="DockerRoot.RemoveImageAsync"/>
    public async Task<Removal<Removed>> RemoveAsync(
        string name, bool force, bool keepParents, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using RootLock rootLock = await root.BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        Image image = root.Find(name);
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

    // Removes a name. Returns false if the image has other names and is kept.
    private bool Untag(Image image, string name, bool force, List<Removed> removed)
    {
        if (!force && ImageUse.IsOneName(_use.NamesOf(image)) && _use.UserOf(image, _ => true) is { } user)
        {
            throw new StoreException(
                root.Path,
                $"conflict: unable to remove repository reference \"{name}\" (must force) - "
                + $"container {DigestText.Shorten(user.Id)} is using its "
                + $"referenced image {DigestText.Shorten(image.Id.Hex)}");
        }

        ImageReference reference = ImageReference.Parse(name).WithDefaultTag();
        reference = reference.Digest is { } digest ? reference.WithDigest(digest) : reference;
        RemoveName(reference, removed);

        // When the image's last tag in a repository is removed, its digests in that repository are removed too.
        ImageReference[] left = _use.NamesOf(image);
        if (reference.Digest is null && !Array.Exists(left, other => other.Digest is null && other.Name == reference.Name))
        {
            foreach (ImageReference other in left.Where(other => other.Name == reference.Name))
            {
                RemoveName(other, removed);
            }
        }

        return _use.NamesOf(image).Length == 0;
    }

    private void UntagById(Image image, bool force, List<Removed> removed)
    {
        ImageReference[] names = _use.NamesOf(image);
        if (!ImageUse.IsOneName(names))
        {
            return;
        }

        _use.ThrowIfInUse(image, ignoreNames: true, ignoreStopped: force);
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
                _use.ThrowIfInUse(next, ignoreNames: force, ignoreStopped: force);
            }
            catch (StoreException) when (isQuiet && _use.IsNeeded(next))
            {
                break;
            }

            foreach (ImageReference name in _use.NamesOf(next))
            {
                RemoveName(name, removed);
            }

            Image? parent = next.Parent is { } id && !keepParents ? root.Images.TryGet(id) : null;
            root.Layers.NoteRelease(next.Config.ChainId);
            root.Images.Remove(next.Id);
            removed.Add(new Removed { Image = next.Id });
            if (next.Config.ChainId is { } top)
            {
                Removal<Layer> layers = await root.Layers.ReleaseAsync(top, root.TopLayers(), cancellationToken).ConfigureAwait(false);
                removed.AddRange(layers.Select(layer => new Removed { Layer = layer.ChainId }));
                kept.AddRange(layers.Kept);
                problem ??= layers.Problem;
            }

            // Parents are removed only if they are unnamed and unused; keeping one is not an error.
            next = parent;
            (force, isQuiet) = (false, true);
        }

        return new Removal<Removed>(removed, [.. kept.Distinct()], problem);
    }

    private void RemoveName(ImageReference name, List<Removed> removed)
    {
        root.Names.Remove(name);
        removed.Add(new Removed { Untagged = name });
    }
}
