using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Errors;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Finds what uses an image and so prevents its removal.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ImageUse(DockerRoot root)
{
    /// <summary>The tags and digests that refer to an image.</summary>
    public ImageReference[] NamesOf(Image image) => [.. root.Names.Read().Of(image.Id)];

    /// <summary>The first matching container that uses the image; null if there is none.</summary>
    public Container? UserOf(Image image, Func<Container, bool> which) =>
        root.Containers.Containers().FirstOrDefault(container => container.Uses(image.Id) && which(container));

    /// <summary>Whether a name, another image or a container needs the image.</summary>
    public bool IsNeeded(Image image) =>
        NamesOf(image).Length > 0 || root.Images.ChildrenOf(image.Id).Any() || UserOf(image, _ => true) is not null;

    /// <exception cref="StoreException">The image cannot be removed; the message gives the reason as dockerd words
    /// it.</exception>
    public void ThrowIfInUse(Image image, bool ignoreNames, bool ignoreStopped)
    {
        if (root.Images.ChildrenOf(image.Id).Any())
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
            new(root.Path, $"conflict: unable to delete {DigestText.Shorten(image.Id.Hex)} ({how}) - {why}");
    }

    /// <summary>Whether dockerd counts these names as one: at most one tag, and digests in one repository
    /// only.</summary>
    public static bool IsOneName(ImageReference[] names)
    {
        ImageReference[] tags = [.. names.Where(name => name.Digest is null)];
        string[] repositories = [.. names.Where(name => name.Digest is not null).Select(name => name.Name).Distinct()];
        return names.Length <= 1
            ? names.Length == 1
            : tags.Length <= 1 && repositories.Length == 1 && (tags.Length == 0 || tags[0].Name == repositories[0]);
    }
}
