
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

    private ImageManifest(ImageManifest other, Func<Descriptor, long> sizeOf)
        : base(other.Bytes, other.MediaType)
    {
        Config = Sized(other.Config);
        Layers = [.. other.Layers.Select(Sized)];
        SchemaVersion = other.SchemaVersion;
        ArtifactType = other.ArtifactType;
        Subject = other.Subject;
        Annotations = other.Annotations;

        Descriptor Sized(Descriptor blob) => blob.Size == 0 ? blob with { Size = sizeOf(blob) } : blob;
    }

    /// <summary>The image's config.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers, base first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>Whether it is an image, and not another artifact. As in dockerd, a config without a type counts as an
    /// image's, and so do the types that old registries and proxies gave it.</summary>
    public bool IsImage => Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig
        || (string.IsNullOrEmpty(ArtifactType)
            && Config.MediaType is "" or MediaTypes.OctetStream or "application/json" or "text/html");

    /// <inheritdoc/>
    public override IEnumerable<Descriptor> References => [Config, .. Layers];

    /// <summary>Blobs without a size. Go reads a missing size as 0, and Go programs accept such images.</summary>
    public IEnumerable<Descriptor> Unsized => References.Where(blob => blob.Size == 0).DistinctBy(blob => blob.Digest);

    /// <summary>This manifest with the missing sizes filled in by <paramref name="sizeOf"/>.</summary>
    public ImageManifest WithSizes(Func<Descriptor, long> sizeOf) => Unsized.Any() ? new ImageManifest(this, sizeOf) : this;
}
