using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>The manifest that a place names, and the source that holds it and what it names.</summary>
/// <param name="Source">The source.</param>
/// <param name="Manifest">The manifest: of an image, an artifact, or an index.</param>
/// <param name="Digest">Its digest, as the source names it.</param>
/// <param name="Name">Its name there.</param>
[SupportedOSPlatform("linux")]
internal sealed record NamedManifest(IManifestSource Source, Manifest Manifest, Digest Digest, ManifestName Name) : IDisposable
{
    /// <summary>Opens the manifest of a place. Null when the place keeps no manifests, or names several: the images of one
    /// name for several platforms in a layout.</summary>
    public static async Task<NamedManifest?> TryOpenAsync(
        ImagePlace place, RegistryClient client, Limits limits, CancellationToken cancellationToken)
    {
        switch (place.Transport)
        {
            case ImageTransport.Registry:
                ImageReference name = ImageReference.Parse(place.Name!).WithDefaultTag();
                var repository = new RegistryManifests(client.Repository(name));
                Manifest manifest = await repository.GetAsync(name, cancellationToken).ConfigureAwait(false);
                ImageReference[] names = name.Digest is null ? [name] : [];
                return new NamedManifest(
                    repository, manifest, name.Digest ?? manifest.Digest, new ManifestName(null, names));
            case ImageTransport.Oci or ImageTransport.OciArchive when place.Path != InputFile.StandardInput:
                LayoutManifests layout = await LayoutManifests.OpenAsync(place.Path, limits, cancellationToken).ConfigureAwait(false);
                try
                {
                    NamedManifest? found = await FindAsync(layout, place.Name, cancellationToken).ConfigureAwait(false);
                    if (found is null)
                    {
                        layout.Dispose();
                    }

                    return found;
                }
                catch
                {
                    layout.Dispose();
                    throw;
                }

            default:
                return null;
        }
    }

    /// <summary>Its entry in a layout; null in a registry.</summary>
    public Descriptor? Entry { get; private init; }

    /// <summary>The name under which a changed manifest takes its place.</summary>
    public ManifestName NameInPlace(ImagePlace place) =>
        Entry is null ? ManifestTargets.NameAt(place, Name) : Name with { Replaced = Entry };

    public void Dispose() => Source.Dispose();

    private static async Task<NamedManifest?> FindAsync(LayoutManifests layout, string? name, CancellationToken cancellationToken)
    {
        if (layout.Entries(name) is not [{ IsManifest: true } entry])
        {
            return null;
        }

        Manifest manifest = await layout.TryGetAsync(entry, cancellationToken).ConfigureAwait(false)
            ?? throw layout.Missing(entry);
        ManifestName own = OciLayout.NameOf(entry) is { } full
            ? new ManifestName(null, [full])
            : new ManifestName(OciLayout.RefNameOf(entry), []);
        return new NamedManifest(layout, manifest, entry.Digest, own) { Entry = entry };
    }
}
