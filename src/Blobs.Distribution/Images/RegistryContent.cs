using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>What a name means in a registry: an image, or an artifact that is no image.</summary>
[SupportedOSPlatform("linux")]
public sealed class RegistryContent
{
    private RegistryContent(RegistryImageSource? image, Artifact? artifact)
    {
        Image = image;
        Artifact = artifact;
    }

    /// <summary>The image; null when it is none.</summary>
    public RegistryImageSource? Image { get; }

    /// <summary>What it is that is no image; null when it is one.</summary>
    public Artifact? Artifact { get; }

    /// <summary>Asks a registry what a name means.</summary>
    /// <param name="client">Who talks to it.</param>
    /// <param name="reference">The name; without tag and digest it is <c>latest</c>.</param>
    /// <param name="platform">Which image of an index; this machine's when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">The registry does not have it, has it for other platforms only, or refuses.</exception>
    /// <exception cref="MalformedDataException">Its manifest or config makes no sense.</exception>
    /// <exception cref="DigestMismatchException">Something else came.</exception>
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
            .OpenAsync(repository, reference, named, platform, null, _ => null, cancellationToken).ConfigureAwait(false);
        return new RegistryContent(image, null);
    }
}
