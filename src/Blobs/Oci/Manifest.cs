using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>
/// A manifest as it came: its bytes are its identity and are kept, never written anew. What is read from them is a view.
/// Either an <see cref="ImageManifest"/> or an <see cref="ImageIndex"/>.
/// </summary>
public abstract class Manifest
{
    internal const long SchemaVersionTwo = 2;

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

    /// <summary>What kind of manifest it is: one of <see cref="MediaTypes.Manifests"/>.</summary>
    public string MediaType { get; }

    /// <summary>The version that the document says; 0 when it does not.</summary>
    internal long SchemaVersion { get; private protected init; }

    /// <summary>What the artifact is, when it says so.</summary>
    public string? ArtifactType { get; private protected init; }

    /// <summary>The manifest this one is about: a signature's image.</summary>
    public Descriptor? Subject { get; private protected init; }

    /// <summary>Notes of whoever made it; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; private protected init; } = new Dictionary<string, string>();

    /// <summary>Everything that must be there before the manifest means anything: config and layers, or manifests.</summary>
    public abstract IEnumerable<Descriptor> References { get; }

    /// <summary>A descriptor of this document.</summary>
    public Descriptor Describe() => new() { MediaType = MediaType, Digest = Digest, Size = Bytes.Length };

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">The document; stays referenced.</param>
    /// <param name="mediaType">What its sender called it. The document decides when null, and must not disagree when not.</param>
    /// <param name="limits">What it may demand.</param>
    /// <exception cref="MalformedDataException">It is no manifest of the four kinds.</exception>
    /// <exception cref="LimitExceededException">It is longer than <see cref="Limits.ManifestBytes"/>.</exception>
    public static Manifest Parse(ReadOnlyMemory<byte> bytes, string? mediaType = null, Limits? limits = null) =>
        Parse(bytes, mediaType, limits, usual: null);

    /// <summary>Reads a document that is an index as a rule, also where it does not say so: <c>index.json</c> of a layout.</summary>
    internal static Manifest ParseIndex(ReadOnlyMemory<byte> bytes, Limits limits) =>
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

        // Who reads one that does not say takes it; who keeps it for others does not.
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
            : throw Refused($"type {Shown(found)} is none that is known");
    }

    private protected static MalformedDataException Refused(string why) => new(Fault.ManifestSyntax, 0, $"manifest: {why}");

    private protected static string Shown(string text) => Printable.Quote(System.Text.Encoding.UTF8.GetBytes(text));

    private protected static Descriptor Checked(Descriptor? descriptor, string role) => descriptor switch
    {
        null => throw Refused($"there is no {role}"),
        { Size: < 0 } => throw Refused($"{role} {descriptor.Digest} has size {descriptor.Size}"),
        _ => descriptor,
    };

    // Without a word from document or sender it is OCI's, and which of its two the members tell.
    private static string TypeOf(ManifestJson json, string? claimed, string? usual)
    {
        string? own = string.IsNullOrEmpty(json.MediaType) ? null : json.MediaType;
        if (own is not null && claimed is not null && own != claimed)
        {
            throw Refused($"calls itself {Shown(own)} but was sent as {Shown(claimed)}");
        }

        string type = own ?? claimed ?? usual ?? (json.Manifests is null ? MediaTypes.OciManifest : MediaTypes.OciIndex);

        // One document that can be read as both kinds would be checked as one and used as the other.
        bool isBoth = json.Manifests is not null && (json.Config is not null || json.Layers is not null);
        return isBoth ? throw Refused("has members of an image and of an index") : type;
    }
}
