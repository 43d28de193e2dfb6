namespace Blobs.Oci;

/// <summary>Several manifests under one name, one a platform as a rule (OCI image-spec image-index.md; Docker manifest list).</summary>
public sealed class ImageIndex : Manifest
{
    internal ImageIndex(ReadOnlyMemory<byte> bytes, string mediaType, ManifestJson json)
        : base(bytes, mediaType)
    {
        Manifests = json.Manifests ?? throw Refused("there are no manifests");
        foreach (Descriptor? manifest in Manifests)
        {
            Checked(manifest, "manifest");
        }

        ArtifactType = json.ArtifactType;
        Subject = json.Subject is null ? null : Checked(json.Subject, "subject");
        Annotations = json.Annotations ?? Annotations;
    }

    /// <summary>The manifests, in the order of the document.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <inheritdoc/>
    public override IEnumerable<Descriptor> References => Manifests;

    /// <summary>The first manifest for a platform; null when there is none. One without a platform is anybody's.</summary>
    public Descriptor? For(Platform platform)
    {
        ArgumentNullException.ThrowIfNull(platform);
        return Manifests.FirstOrDefault(manifest => manifest.Platform is { } offered && platform.Accepts(offered))
            ?? Manifests.FirstOrDefault(manifest => manifest.Platform is null);
    }
}
