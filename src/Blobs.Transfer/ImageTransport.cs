namespace Blobs.Transfer;

/// <summary>The kinds of places that hold images.</summary>
public enum ImageTransport
{
    /// <summary><c>docker-data:ROOT//REF</c>: a Docker data root.</summary>
    DockerData,

    /// <summary><c>containers-storage:ROOT//REF</c>: the store of podman, CRI-O, buildah and skopeo.</summary>
    ContainersStorage,

    /// <summary><c>containerd:NAMESPACE//REF</c>: a containerd, through its API.</summary>
    Containerd,

    /// <summary><c>docker-archive:FILE[:REF]</c>: an archive of <c>docker save</c>.</summary>
    DockerArchive,

    /// <summary><c>oci:DIR[:TAG]</c>: the folder of an OCI layout.</summary>
    Oci,

    /// <summary><c>oci-archive:FILE[:TAG]</c>: an OCI layout as a tar.</summary>
    OciArchive,

    /// <summary><c>docker://REF</c>: a registry.</summary>
    Registry,

    /// <summary><c>erofs:DIR</c>: layers as EROFS images, by DiffID. Only a target.</summary>
    Erofs,
}
