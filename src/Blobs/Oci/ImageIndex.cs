namespace Blobs.Oci;

/// <summary>Several manifests under one name, one a platform as a rule (OCI image-spec image-index.md; Docker manifest list).</summary>
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

    /// <summary>The manifest that suits a platform best, as containerd and dockerd choose it: <c>amd64/v3</c> takes v3, then v2, then the
    /// plain one, wherever they stand in the document; null when there is none. One without a platform is anybody's when there is
    /// no other.</summary>
    public Descriptor? For(Platform platform)
    {
        ArgumentNullException.ThrowIfNull(platform);
        IReadOnlyList<Descriptor> best = PlatformChoice.Best(Manifests, platform);
        return best.Count > 0 ? best[0] : null;
    }
}
