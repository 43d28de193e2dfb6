namespace Blobs.Oci;

/// <summary>In whose words a manifest of an image is written.</summary>
public enum ManifestFormat
{
    /// <summary>Docker image manifest version 2, schema 2.</summary>
    Docker,

    /// <summary>OCI image-spec 1.1.</summary>
    Oci,
}
