namespace Blobs.Oci;

/// <summary>One image: a config and its layers, the base first (OCI image-spec manifest.md).</summary>
public sealed class ImageManifest : Manifest
{
    internal ImageManifest(ReadOnlyMemory<byte> bytes, string mediaType, ManifestJson json)
        : base(bytes, mediaType)
    {
        Config = Checked(json.Config, "config");
        Layers = json.Layers ?? [];
        foreach (Descriptor layer in Layers)
        {
            Checked(layer, "layer");
        }

        SchemaVersion = json.SchemaVersion;
        ArtifactType = json.ArtifactType;
        Subject = json.Subject is null ? null : Checked(json.Subject, "subject");
        Annotations = json.Annotations ?? Annotations;
    }

    /// <summary>The image's config.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>Whether it is an image's, and not that of something else that travels as a manifest. A config of no type is an image's,
    /// and so is one of the types that old registries and proxies made of it, as engines have it.</summary>
    internal bool IsImage => Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig
        || (string.IsNullOrEmpty(ArtifactType)
            && Config.MediaType is "" or MediaTypes.OctetStream or "application/json" or "text/html");

    /// <inheritdoc/>
    public override IEnumerable<Descriptor> References => [Config, .. Layers];
}
