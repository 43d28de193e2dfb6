using Blobs.Containerd.Api;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>Finds images by what users call them.</summary>
internal static class ImageNames
{
    private const int DigitsMin = 3;
    private const string Sha256 = "sha256:";

    /// <summary>The images of a namespace, by name. Those without a valid target are left out.</summary>
    public static async Task<IReadOnlyList<ContainerdImage>> ListAsync(Services services, CancellationToken cancellationToken)
    {
        ListImagesResponse found = await services.Images
            .ListAsync(new ListImagesRequest(), cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. found.Images.Select(TryRead).OfType<ContainerdImage>().OrderBy(image => image.Name, StringComparer.Ordinal)];
    }

    /// <summary>The image with a name, or whose target has a digest or its first digits.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="ContainerdException">The digits are those of several targets.</exception>
    public static ContainerdImage Find(IReadOnlyList<ContainerdImage> images, string name)
    {
        if (images.FirstOrDefault(image => image.Name == name) is { } exact)
        {
            return exact;
        }

        if (ImageReference.TryParse(name, out ImageReference? reference)
            && images.FirstOrDefault(image => image.Name == $"{reference.WithDefaultTag()}") is { } named)
        {
            return named;
        }

        ContainerdImage[] byDigest = [.. images.Where(image => IsDigestOf(image, name, reference))];
        return byDigest.DistinctBy(image => image.Target.Digest).Count() switch
        {
            1 => byDigest[0],
            0 => throw new NotFoundException(name, $"containerd has no image {name}"),
            int count => throw new ContainerdException("FailedPrecondition", $"{name}: the digests of {count} images begin so"),
        };
    }

    // DIGEST, its first digits, or NAME@DIGEST where an image of that name has it under a tag.
    private static bool IsDigestOf(ContainerdImage image, string name, ImageReference? reference)
    {
        if (reference?.Digest is { } digest)
        {
            return image.Target.Digest == digest
                && ImageReference.TryParse(image.Name, out ImageReference? own) && own.Name == reference.Name;
        }

        string digits = name.StartsWith(Sha256, StringComparison.Ordinal) ? name[Sha256.Length..] : name;
        return digits.Length >= DigitsMin && $"{image.Target.Digest}".StartsWith(Sha256 + digits, StringComparison.Ordinal);
    }

    /// <summary>The name as a reference; null if it is not one.</summary>
    public static ImageReference? TryParse(string name) =>
        !name.StartsWith(Sha256, StringComparison.Ordinal) && ImageReference.TryParse(name, out ImageReference? parsed) ? parsed : null;

    private static ContainerdImage? TryRead(Image image) =>
        image.Target is { } target && Digest.TryParse(target.Digest, null, out Digest digest) && target.Size >= 0
            ? new ContainerdImage
            {
                Name = image.Name,
                Target = new Descriptor
                {
                    MediaType = target.MediaType,
                    Digest = digest,
                    Size = target.Size,
                    Annotations = target.Annotations.Count > 0 ? new Dictionary<string, string>(target.Annotations) : null,
                },
                Labels = new Dictionary<string, string>(image.Labels),
                Created = image.CreatedAt?.ToDateTimeOffset(),
                Updated = image.UpdatedAt?.ToDateTimeOffset(),
            }
            : null;
}
