namespace Blobs.Oci;

/// <summary>The format of an image's manifest.</summary>
public enum ManifestFormat
{
    /// <summary>Docker image manifest version 2, schema 2.</summary>
    Docker,

    /// <summary>OCI image-spec 1.1.</summary>
    Oci,
}
