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

    /// <summary>The empty descriptor, whose content is <c>{}</c>.</summary>
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

    /// <summary>Docker layer that is kept elsewhere (foreign), compressed with gzip.</summary>
    public const string DockerForeignLayerGzip = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    /// <summary>Docker layer that is kept elsewhere (foreign), not compressed.</summary>
    public const string DockerForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar";

    /// <summary>OCI layer that is kept elsewhere (foreign), not compressed.</summary>
    public const string OciForeignLayer = "application/vnd.oci.image.layer.nondistributable.v1.tar";

    /// <summary>OCI layer that is kept elsewhere (foreign), compressed with gzip.</summary>
    public const string OciForeignLayerGzip = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";

    /// <summary>OCI layer that is kept elsewhere (foreign), compressed with zstd.</summary>
    public const string OciForeignLayerZstd = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd";

    /// <summary>Bytes of unknown kind.</summary>
    public const string OctetStream = "application/octet-stream";

    /// <summary>The four types of manifest, in the order a client prefers them.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [OciManifest, OciIndex, DockerManifest, DockerList];

    /// <summary>The media type of image manifests in a format.</summary>
    public static string ManifestIn(ManifestFormat format) => format == ManifestFormat.Oci ? OciManifest : DockerManifest;

    /// <summary>The media type of image configs in a format.</summary>
    public static string ConfigIn(ManifestFormat format) => format == ManifestFormat.Oci ? OciConfig : DockerConfig;

    /// <summary>The format of a manifest of this type.</summary>
    public static ManifestFormat FormatOf(string mediaType) =>
        mediaType is DockerManifest or DockerList ? ManifestFormat.Docker : ManifestFormat.Oci;

    /// <summary>Whether the type is that of an index or a manifest list.</summary>
    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerList;

    /// <summary>Whether the type is that of an image manifest.</summary>
    public static bool IsImageManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>Whether this is the type of a foreign layer, which is fetched from the URLs of its descriptor. Without
    /// URLs it is an ordinary layer.</summary>
    public static bool IsForeignLayer(string mediaType) =>
        mediaType.Contains(".foreign.", StringComparison.Ordinal) || mediaType.Contains(".nondistributable.", StringComparison.Ordinal);


    /// <summary>Whether engines know the type, and fetch content of it from the image's own repository.</summary>
    public static bool IsOfImage(string mediaType) => mediaType is OciConfig or OciLayer or OciLayerGzip or OciLayerZstd
        or DockerConfig or DockerLayer or DockerLayerGzip or OciManifest or OciIndex or DockerManifest or DockerList;
}
