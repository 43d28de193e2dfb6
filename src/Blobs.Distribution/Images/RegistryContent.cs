using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>The content that a name refers to in a registry: an image, or another artifact.</summary>
[SupportedOSPlatform("linux")]
public sealed class RegistryContent
{
    private RegistryContent(RegistryImageSource? image, Artifact? artifact)
    {
        Image = image;
        Artifact = artifact;
    }

    /// <summary>The image; null for another artifact.</summary>
    public RegistryImageSource? Image { get; }

    /// <summary>The artifact; null for an image.</summary>
    public Artifact? Artifact { get; }

    /// <summary>Fetches the content that a name refers to.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="reference">The name; without tag and digest, the tag is <c>latest</c>.</param>
    /// <param name="platform">The image to choose from an index; the one for this machine when null.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="RegistryException">The registry does not have it, has it only for other platforms, or refuses
    /// the request.</exception>
    /// <exception cref="MalformedDataException">The manifest or config is malformed.</exception>
    /// <exception cref="DigestMismatchException">The registry sent content with another digest.</exception>
    public static async Task<RegistryContent> OpenAsync(
        RegistryClient client, ImageReference reference, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(reference);
        reference = reference.WithDefaultTag();
        RegistryRepository repository = client.Repository(reference);
        Manifest named = await repository.GetManifestAsync(reference, cancellationToken).ConfigureAwait(false);
        if (named is ImageManifest { IsImage: false } manifest)
        {
            var artifact = new Artifact(
                await repository.WithSizesAsync(manifest, cancellationToken).ConfigureAwait(false),
                reference.Digest is null ? [reference] : [],
                async (blob, stop) => await repository.OpenBlobAsync(blob, stop).ConfigureAwait(false));
            return new RegistryContent(null, artifact);
        }

        RegistryImageSource image = await RegistryImageSource
            .OpenAsync(client, reference, named, platform, cancellationToken).ConfigureAwait(false);
        return new RegistryContent(image, null);
    }
}
