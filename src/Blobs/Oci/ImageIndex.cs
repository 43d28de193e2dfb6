
namespace Blobs.Oci;

/// <summary>A list of manifests, usually one for each platform (OCI image-spec image-index.md; Docker manifest list).</summary>
public sealed class ImageIndex : Manifest
{
    internal ImageIndex(ReadOnlyMemory<byte> bytes, string mediaType, ManifestJson json)
        : base(bytes, mediaType)
    {
        Manifests = json.Manifests ?? [];
        foreach (Descriptor manifest in Manifests)
        {
            Checked(manifest, "manifest");
        }

        SchemaVersion = json.SchemaVersion;
        ArtifactType = json.ArtifactType;
        Subject = json.Subject is null ? null : Checked(json.Subject, "subject");
        Annotations = json.Annotations ?? Annotations;
    }

    /// <summary>The manifests, in the order of the document.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <inheritdoc/>
    public override IEnumerable<Descriptor> References => Manifests;

    /// <summary>The best manifest for a platform, as containerd and dockerd choose it: <c>amd64/v3</c> takes v3, then
    /// v2, then plain amd64, in any order in the document. When none fits, one without a platform; null when there is
    /// none of those either.</summary>
    public Descriptor? For(Platform platform)
    {
        ArgumentNullException.ThrowIfNull(platform);
        IReadOnlyList<Descriptor> best = PlatformChoice.Best(Manifests, platform);
        return best.Count > 0 ? best[0] : null;
    }
}
