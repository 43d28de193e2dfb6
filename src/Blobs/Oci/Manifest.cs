using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>
/// A manifest. The document's digest is its identity, so its bytes are kept and never rewritten; the properties are a
/// view of them. Either an <see cref="ImageManifest"/> or an <see cref="ImageIndex"/>.
/// </summary>
public abstract class Manifest
{
    /// <summary>The only schema version that is read.</summary>
    public const long SchemaVersionTwo = 2;

    private protected Manifest(ReadOnlyMemory<byte> bytes, string mediaType)
    {
        Bytes = bytes;
        MediaType = mediaType;
        Digest = Digest.OfSha256(bytes.Span);
    }

    /// <summary>The document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-256 of the document.</summary>
    public Digest Digest { get; }

    /// <summary>Its media type: one of <see cref="MediaTypes.Manifests"/>.</summary>
    public string MediaType { get; }

    /// <summary>The document's <c>schemaVersion</c>; 0 when it is missing.</summary>
    public long SchemaVersion { get; private protected init; }

    /// <summary>The artifact type; null when there is none.</summary>
    public string? ArtifactType { get; private protected init; }

    /// <summary>The manifest that this one refers to, such as the image of a signature.</summary>
    public Descriptor? Subject { get; private protected init; }

    /// <summary>Its annotations; may be empty.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; private protected init; } = new Dictionary<string, string>();

    /// <summary>The content that must exist before the manifest is pushed: config and layers, or manifests.</summary>
    public abstract IEnumerable<Descriptor> References { get; }

    /// <summary>A descriptor of this document.</summary>
    public Descriptor Describe() => new() { MediaType = MediaType, Digest = Digest, Size = Bytes.Length };

    /// <summary>The descriptor of this document in a list of referrers: with its annotations, and its artifact type or
    /// else the media type of its config (OCI distribution-spec, "Listing Referrers").</summary>
    public Descriptor DescribeReferrer() => Describe() with
    {
        ArtifactType = string.IsNullOrEmpty(ArtifactType) ? (this as ImageManifest)?.Config.MediaType : ArtifactType,
        Annotations = Annotations.Count > 0 ? Annotations : null,
    };

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">The document; must not change afterwards.</param>
    /// <param name="mediaType">The media type that its sender stated. When null, the document decides; otherwise the
    /// document must agree.</param>
    /// <param name="limits">Limits on the document.</param>
    /// <exception cref="MalformedDataException">It is not a manifest of one of the four types.</exception>
    /// <exception cref="LimitExceededException">It is longer than <see cref="Limits.ManifestBytes"/>.</exception>
    public static Manifest Parse(ReadOnlyMemory<byte> bytes, string? mediaType = null, Limits? limits = null) =>
        Parse(bytes, mediaType, limits, usual: null);

    /// <summary>Reads a document that is an index unless it says otherwise: <c>index.json</c> of a layout.</summary>
    public static Manifest ParseIndex(ReadOnlyMemory<byte> bytes, Limits limits) =>
        Parse(bytes, mediaType: null, limits, usual: MediaTypes.OciIndex);

    private static Manifest Parse(ReadOnlyMemory<byte> bytes, string? mediaType, Limits? limits, string? usual)
    {
        limits ??= Limits.Default;
        if (bytes.Length > limits.ManifestBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ManifestBytes), limits.ManifestBytes, "the manifest");
        }

        ManifestJson json = ManifestJson.Read(bytes);
        string found = TypeOf(json, mediaType, usual);

        // A missing version is accepted here; a registry's store rejects it.
        if (json.SchemaVersion is not (SchemaVersionTwo or 0))
        {
            throw Refused($"schemaVersion is {json.SchemaVersion}, expected {SchemaVersionTwo}");
        }

        if (MediaTypes.IsIndex(found))
        {
            return new ImageIndex(bytes, found, json);
        }

        return MediaTypes.IsImageManifest(found)
            ? new ImageManifest(bytes, found, json)
            : throw Refused($"type {Shown(found)} is not a known manifest type");
    }

    private protected static MalformedDataException Refused(string why) => new(Fault.ManifestSyntax, 0, $"manifest: {why}");

    private protected static string Shown(string text) => Printable.Quote(System.Text.Encoding.UTF8.GetBytes(text));

    private protected static Descriptor Checked(Descriptor? descriptor, string role) => descriptor switch
    {
        null => throw Refused($"there is no {role}"),
        { Size: < 0 } => throw Refused($"{role} {descriptor.Digest} has size {descriptor.Size}"),
        _ => descriptor,
    };

    // When neither document nor sender states a type, it is an OCI type, and the members tell which.
    private static string TypeOf(ManifestJson json, string? claimed, string? usual)
    {
        string? own = string.IsNullOrEmpty(json.MediaType) ? null : json.MediaType;
        if (own is not null && claimed is not null && own != claimed)
        {
            throw Refused($"calls itself {Shown(own)} but was sent as {Shown(claimed)}");
        }

        string type = own ?? claimed ?? usual ?? (json.Manifests is null ? MediaTypes.OciManifest : MediaTypes.OciIndex);

        // A document that can be read as both could be checked as one and used as the other.
        bool isBoth = json.Manifests is not null && (json.Config is not null || json.Layers is not null);
        return isBoth ? throw Refused("has members of both an image and an index") : type;
    }
}
