using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Reads manifests as they are, from the places that keep them: registries, OCI layouts and their archives.</summary>
[SupportedOSPlatform("linux")]
public static class ManifestReader
{
    /// <summary>Reads the manifest or index that a place names.</summary>
    /// <param name="place">The place.</param>
    /// <param name="client">Reads from registries.</param>
    /// <param name="platform">Reads the manifest of the image for this platform; when null, the named one, whatever it
    /// is.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MalformedDataException">The place keeps no manifest of this name, or its documents are
    /// malformed.</exception>
    /// <exception cref="RegistryException">The registry does not have it, or refuses the request.</exception>
    public static async Task<Manifest> ReadAsync(
        ImagePlace place, RegistryClient client, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(client);
        if (platform is not null)
        {
            OpenedSource source = await OpenedSource.OpenAsync(place, client, platform, cancellationToken).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                return source.Image is null ? source.Artifact!.Manifest : source.Image.Manifest ?? throw NoManifest(place);
            }
        }

        using NamedManifest named = await OpenAsync(place, client, cancellationToken).ConfigureAwait(false);
        return named.Manifest;
    }

    /// <summary>Lists what refers to a manifest: signatures, attestations and other artifacts.</summary>
    /// <param name="place">The place of the manifest.</param>
    /// <param name="client">Reads from registries.</param>
    /// <param name="platform">Lists what refers to the image for this platform; when null, to the named manifest.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MalformedDataException">The place keeps no manifest of this name, or its documents are
    /// malformed.</exception>
    /// <exception cref="RegistryException">The registry does not have it, or refuses the request.</exception>
    public static async Task<IReadOnlyList<Descriptor>> ReferrersAsync(
        ImagePlace place, RegistryClient client, Platform? platform = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(client);
        Digest? chosen = platform is null
            ? null
            : (await ReadAsync(place, client, platform, cancellationToken).ConfigureAwait(false)).Digest;
        using NamedManifest named = await OpenAsync(place, client, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Descriptor> found =
            await named.Source.ReferrersAsync(chosen ?? named.Digest, cancellationToken).ConfigureAwait(false);
        var described = new List<Descriptor>();
        foreach (Descriptor referrer in found)
        {
            // An entry of a layout need not say what its manifest says.
            Manifest? manifest = referrer.ArtifactType is null && referrer.IsManifest
                ? await named.Source.TryGetAsync(referrer, cancellationToken).ConfigureAwait(false)
                : null;
            described.Add(manifest?.DescribeReferrer() ?? referrer);
        }

        return described;
    }

    /// <summary>The names of the images and artifacts in an archive or a layout, in its order.</summary>
    /// <param name="place">The archive or layout.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MalformedDataException">It is not one, or its documents are malformed.</exception>
    public static async Task<IReadOnlyList<string>> NamesAsync(ImagePlace place, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(place);
        if (place.Transport == ImageTransport.DockerArchive)
        {
            using ImageArchive archive = await ImageArchive.OpenAsync(place.Path, null, null, cancellationToken).ConfigureAwait(false);
            return [.. archive.Images.SelectMany(image => image.Names).Select(name => name.Familiar).Distinct()];
        }

        using LayoutManifests layout =
            await LayoutManifests.OpenAsync(place.Path, Limits.Default, cancellationToken).ConfigureAwait(false);
        return
        [
            .. layout.Entries(null)
                .Select(entry => OciLayout.RefNameOf(entry) ?? OciLayout.NameOf(entry)?.Familiar).OfType<string>().Distinct(),
        ];
    }

    private static async Task<NamedManifest> OpenAsync(
        ImagePlace place, RegistryClient client, CancellationToken cancellationToken) =>
        await NamedManifest.TryOpenAsync(place, client, Limits.Default, cancellationToken).ConfigureAwait(false)
            ?? throw NoManifest(place);

    private static MalformedDataException NoManifest(ImagePlace place) => new(
        Fault.ReferenceSyntax,
        0,
        $"{place}: does not name one manifest or index; name another, or with several images under this name a platform");
}
