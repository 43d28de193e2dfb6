using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Paths of all files of a registry, in docker-registry's layout (2.8: registry/storage/paths.go). They are relative to
/// ROOT/docker/registry/v2. No other file builds such paths.
/// <code>
/// blobs/sha256/ab/abcd…/data                                  a blob or manifest; ab is the start of its digest
/// repositories/NAME/_layers/ALGORITHM/HEX/link                the repository has this blob
/// repositories/NAME/_manifests/revisions/ALGORITHM/HEX/link   the repository has this manifest
/// repositories/NAME/_manifests/tags/TAG/current/link          the manifest that the tag points to
/// repositories/NAME/_manifests/tags/TAG/index/sha256/HEX/link the tag's history
/// repositories/NAME/_referrers/ALGORITHM/HEX/sha256/HEX/link  a manifest whose subject is the first digest
/// repositories/NAME/_uploads/ID/{data,startedat}              an upload in progress
/// repositories/NAME/_uploads/ID/hashstates/sha256/LENGTH      its hash state after LENGTH bytes
/// gc/…                                                        records and lock of garbage collection
/// </code>
/// docker-registry ignores <c>_referrers</c> and <c>gc</c>.
/// A link contains the SHA-256 digest under which the content is stored: 71 characters without a newline. Digests of
/// other algorithms have only links. <see cref="BlobDirectories.BlobDirectory"/> builds the paths of blobs.
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
    public const string ReferrersFolder = "_referrers";
    public const string Records = "gc";
    public const string CollectorLock = "lock";

    public static string Folder(string root) => Path.Combine(root, Version);

    /// <summary>The file of a reference.</summary>
    public static string Of(in RegistryReference reference) => reference.Kind == ReferenceKind.Tag
        ? $"{FolderOf(reference)}/current/{Link}"
        : $"{FolderOf(reference)}/{Link}";

    /// <summary>The folder to delete with a reference.</summary>
    public static string FolderOf(in RegistryReference reference) => reference.Kind switch
    {
        ReferenceKind.Tag => Tag(reference.Repository, reference.Tag),
        ReferenceKind.TagHistory => $"{History(reference.Repository, reference.Tag)}/{Named(reference.Digest)}",
        ReferenceKind.Manifest => $"{Revisions(reference.Repository)}/{Named(reference.Digest)}",
        ReferenceKind.Referrer => $"{Referrers(reference.Repository, reference.Subject)}/{Named(reference.Digest)}",
        _ => $"{Layers(reference.Repository)}/{Named(reference.Digest)}",
    };

    public static string Repository(string name) => $"{Repositories}/{name}";

    public static string Layers(string name) => $"{Repositories}/{name}/{LayersFolder}";

    public static string Manifests(string name) => $"{Repositories}/{name}/{ManifestsFolder}";

    public static string Revisions(string name) => $"{Manifests(name)}/revisions";

    public static string Tags(string name) => $"{Manifests(name)}/tags";

    public static string Tag(string name, string tag) => $"{Tags(name)}/{tag}";

    public static string History(string name, string tag) => $"{Tag(name, tag)}/index";

    public static string Referrers(string name) => $"{Repositories}/{name}/{ReferrersFolder}";

    public static string Referrers(string name, Digest subject) => $"{Referrers(name)}/{Named(subject)}";

    public static string Uploads(string name) => $"{Repositories}/{name}/{UploadsFolder}";

    public static string Upload(string name, string id) => $"{Uploads(name)}/{id}";

    /// <summary>The folder of hash states in the folder of an upload.</summary>
    public const string HashStates = $"hashstates/{DigestText.Sha256}";

    private static string Named(Digest digest) => $"{DigestText.NameOf(digest.Algorithm)}/{digest.Hex}";
}
