using System.Globalization;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Where everything of a registry stands, as docker-registry keeps it (2.8: registry/storage/paths.go); no other file builds these
/// keys. They are relative to ROOT/docker/registry/v2.
/// <code>
/// blobs/sha256/ab/abcd…/data                                  bytes of a blob or manifest, below the first two digits of its digest
/// repositories/NAME/_layers/ALGORITHM/HEX/link                the repository has this blob
/// repositories/NAME/_manifests/revisions/ALGORITHM/HEX/link   the repository has this manifest
/// repositories/NAME/_manifests/tags/TAG/current/link          what the tag means
/// repositories/NAME/_manifests/tags/TAG/index/sha256/HEX/link what it has meant
/// repositories/NAME/_uploads/ID/{data,startedat}              a blob on its way in
/// repositories/NAME/_uploads/ID/hashstates/sha256/LENGTH      the state of its hash after so many bytes
/// </code>
/// Links hold the SHA-256 digest under which the bytes stand, 71 characters without a newline; other algorithms have only links. Paths of
/// blobs are built by <see cref="BlobDirectories.BlobDirectory"/>.
/// </summary>
internal static class RegistryPaths
{
    public const string Version = "docker/registry/v2";
    public const string Blobs = "blobs";
    public const string Repositories = "repositories";
    public const string Data = "data";
    public const string Link = "link";
    public const string StartedAt = "startedat";
    public const string LayersFolder = "_layers";
    public const string ManifestsFolder = "_manifests";
    public const string UploadsFolder = "_uploads";

    public static string Folder(string root) => Path.Combine(root, Version);

    /// <summary>The file of a reference.</summary>
    public static string Of(in RegistryReference reference) => reference.Kind == ReferenceKind.Tag
        ? $"{FolderOf(reference)}/current/{Link}"
        : $"{FolderOf(reference)}/{Link}";

    /// <summary>The folder that goes with a reference.</summary>
    public static string FolderOf(in RegistryReference reference) => reference.Kind switch
    {
        ReferenceKind.Tag => Tag(reference.Repository, reference.Tag),
        ReferenceKind.TagHistory => $"{History(reference.Repository, reference.Tag)}/{Named(reference.Digest)}",
        ReferenceKind.Manifest => $"{Revisions(reference.Repository)}/{Named(reference.Digest)}",
        _ => $"{Layers(reference.Repository)}/{Named(reference.Digest)}",
    };

    public static string Repository(string name) => $"{Repositories}/{name}";

    public static string Layers(string name) => $"{Repositories}/{name}/{LayersFolder}";

    public static string Manifests(string name) => $"{Repositories}/{name}/{ManifestsFolder}";

    public static string Revisions(string name) => $"{Manifests(name)}/revisions";

    public static string Tags(string name) => $"{Manifests(name)}/tags";

    public static string Tag(string name, string tag) => $"{Tags(name)}/{tag}";

    public static string History(string name, string tag) => $"{Tag(name, tag)}/index";

    public static string Uploads(string name) => $"{Repositories}/{name}/{UploadsFolder}";

    public static string Upload(string name, string id) => $"{Uploads(name)}/{id}";

    /// <summary>In the folder of an upload.</summary>
    public static string HashState(long length) => string.Create(CultureInfo.InvariantCulture, $"hashstates/sha256/{length}");

    private static string Named(Digest digest) => $"{(digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512")}/{digest.Hex}";
}
