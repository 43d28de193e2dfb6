using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>A manifest as a registry gives it out: the bytes that came, under the digest that was asked for.</summary>
public sealed class StoredManifest
{
    internal StoredManifest(Manifest manifest)
        : this(manifest.Digest, manifest.Bytes, manifest.MediaType)
    {
        Subject = manifest.Subject?.Digest;
        Referrer = Subject is null ? null : Describe(manifest);
    }

    private StoredManifest(Digest digest, ReadOnlyMemory<byte> bytes, string mediaType)
    {
        Bytes = bytes;
        MediaType = mediaType;
        Digest = digest;
        DigestText = $"{digest}";
    }

    /// <summary>The document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What kind of manifest it is. One that cannot be read, as another registry has taken it, is what it says it is, else
    /// <see cref="MediaTypes.OctetStream"/>.</summary>
    public string MediaType { get; }

    /// <summary>SHA-256 of the document.</summary>
    public Digest Digest { get; }

    /// <summary><see cref="Digest"/> as text.</summary>
    public string DigestText { get; }

    /// <summary>The manifest this one is about.</summary>
    public Digest? Subject { get; }

    // How a list of referrers names it (distribution-spec, "Listing Referrers"); null without a subject.
    internal Descriptor? Referrer { get; }

    /// <summary>A document that is in a store already, whoever has put it there: its digest is right, and that is all it needs.</summary>
    internal static StoredManifest Of(Digest digest, ReadOnlyMemory<byte> bytes, Limits limits)
    {
        try
        {
            return new StoredManifest(Manifest.Parse(bytes, null, limits));
        }
        catch (BlobsException)
        {
            return new StoredManifest(digest, bytes, StatedMediaType.Of(bytes.Span));
        }
    }

    // The artifact's type is the manifest's own, or an image's type of config; an index without one has none.
    private static Descriptor Describe(Manifest manifest) => manifest.Describe() with
    {
        ArtifactType = string.IsNullOrEmpty(manifest.ArtifactType) ? (manifest as ImageManifest)?.Config.MediaType : manifest.ArtifactType,
        Annotations = manifest.Annotations.Count > 0 ? manifest.Annotations : null,
    };
}
