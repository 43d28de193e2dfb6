using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>A manifest as a registry serves it: the bytes as they were pushed, and their digest.</summary>
public sealed class StoredManifest
{
    internal StoredManifest(Manifest manifest)
        : this(manifest.Digest, manifest.Bytes, manifest.MediaType)
    {
        Subject = manifest.Subject?.Digest;
        Referrer = Subject is null ? null : manifest.DescribeReferrer();
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

    /// <summary>The media type of the manifest. For a document that does not parse, accepted by another registry, it is
    /// the type that the document states, or else <see cref="MediaTypes.OctetStream"/>.</summary>
    public string MediaType { get; }

    /// <summary>SHA-256 of the document.</summary>
    public Digest Digest { get; }

    /// <summary><see cref="Digest"/> as text.</summary>
    public string DigestText { get; }

    /// <summary>The digest of the manifest's subject; null for none.</summary>
    public Digest? Subject { get; }

    // Its descriptor in a list of referrers (distribution-spec, "Listing Referrers"); null without a subject.
    internal Descriptor? Referrer { get; }

    /// <summary>Returns a document that is already in a store, whichever program wrote it. It need not parse; only its
    /// digest must be right.</summary>
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
}
