namespace Blobs.Oci;

/// <summary>Media types of images (OCI image-spec media-types.md; Docker image manifest version 2, schema 2).</summary>
public static class MediaTypes
{
    /// <summary>OCI image manifest.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>OCI image config.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>OCI layer, not compressed.</summary>
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>OCI layer, compressed with gzip.</summary>
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>OCI layer, compressed with zstd.</summary>
    public const string OciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";

    /// <summary>The empty descriptor's type: two bytes, <c>{}</c>.</summary>
    public const string OciEmpty = "application/vnd.oci.empty.v1+json";

    /// <summary>Docker image manifest, schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker manifest list.</summary>
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Docker image config.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>Docker layer, compressed with gzip.</summary>
    public const string DockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>Docker layer, not compressed.</summary>
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

    /// <summary>Docker layer that lives elsewhere, compressed with gzip.</summary>
    public const string DockerForeignLayerGzip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>Docker layer that lives elsewhere, not compressed.</summary>
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    /// <summary>OCI layer that lives elsewhere, not compressed.</summary>
    public const string OciForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    /// <summary>OCI layer that lives elsewhere, compressed with gzip.</summary>
    public const string OciForeignLayerGzip = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";

    /// <summary>OCI layer that lives elsewhere, compressed with zstd.</summary>
    public const string OciForeignLayerZstd = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd";

    /// <summary>Bytes of unknown kind.</summary>
    public const string OctetStream = "application/octet-stream";

    /// <summary>The four kinds of manifest, in the order a client prefers them.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [OciManifest, OciIndex, DockerManifest, DockerList];

    /// <summary>An image manifest's type in the words of a format.</summary>
    public static string ManifestIn(ManifestFormat format) => format == ManifestFormat.Oci ? OciManifest : DockerManifest;

    /// <summary>A config's type in the words of a format.</summary>
    public static string ConfigIn(ManifestFormat format) => format == ManifestFormat.Oci ? OciConfig : DockerConfig;

    /// <summary>In whose words a manifest of this type is written.</summary>
    public static ManifestFormat FormatOf(string mediaType) =>
        mediaType is DockerManifest or DockerList ? ManifestFormat.Docker : ManifestFormat.Oci;

    /// <summary>Whether the type is that of an index or a manifest list.</summary>
    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerList;

    /// <summary>Whether the type is that of an image manifest.</summary>
    public static bool IsImageManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>Whether such a layer may live elsewhere, at the addresses of its descriptor. One without any is a layer like all
    /// others.</summary>
    public static bool IsForeignLayer(string mediaType) =>
        mediaType.Contains(".foreign.", StringComparison.Ordinal) || mediaType.Contains(".nondistributable.", StringComparison.Ordinal);

    // Whether engines know the type, and fetch what has it from the registry that the image is in.

    /// <summary>Whether a config of this type is that of an image.</summary>
    internal static bool IsOfImage(string mediaType) => mediaType is OciConfig or OciLayer or OciLayerGzip or OciLayerZstd
        or DockerConfig or DockerLayer or DockerLayerGzip or OciManifest or OciIndex or DockerManifest or DockerList;
}
