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
/// other algorithms have only links.
/// </summary>
public static class RegistryPaths
{
    /// <summary>The folder of everything, below the root.</summary>
    public const string Version = "docker/registry/v2";

    /// <summary>The folder of all blobs.</summary>
    public const string Blobs = "blobs";

    /// <summary>The folder of all repositories.</summary>
    public const string Repositories = "repositories";

    /// <summary>The file with the bytes of a blob or an upload.</summary>
    public const string Data = "data";

    /// <summary>The file with the digest that a reference leads to.</summary>
    public const string Link = "link";

    /// <summary>The file with the time at which an upload began.</summary>
    public const string StartedAt = "startedat";

    /// <summary>The folder of a repository's blobs.</summary>
    public const string LayersFolder = "_layers";

    /// <summary>The folder of a repository's manifests and tags.</summary>
    public const string ManifestsFolder = "_manifests";

    /// <summary>The folder of a repository's uploads.</summary>
    public const string UploadsFolder = "_uploads";

    /// <summary>The folder of a repository's referrers.</summary>
    public const string ReferrersFolder = "_referrers";

    /// <summary>The folder of the records of garbage collection.</summary>
    public const string Records = "gc";

    internal const string CollectorLock = "lock";

    internal static string Folder(string root) => Path.Combine(root, Version);

    /// <summary>The file of a blob.</summary>
    public static string Blob(Digest digest)
    {
        string hex = digest.Hex;
        return $"{Blobs}/{DigestText.NameOf(digest.Algorithm)}/{hex.AsSpan(0, 2)}/{hex}/{Data}";
    }

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

    /// <summary>The folder of a repository.</summary>
    public static string Repository(string name) => $"{Repositories}/{name}";

    /// <summary>The folder of a repository's blobs.</summary>
    public static string Layers(string name) => $"{Repositories}/{name}/{LayersFolder}";

    /// <summary>The folder of a repository's manifests and tags.</summary>
    public static string Manifests(string name) => $"{Repositories}/{name}/{ManifestsFolder}";

    /// <summary>The folder of a repository's manifests.</summary>
    public static string Revisions(string name) => $"{Manifests(name)}/revisions";

    /// <summary>The folder of a repository's tags.</summary>
    public static string Tags(string name) => $"{Manifests(name)}/tags";

    /// <summary>The folder of a tag.</summary>
    public static string Tag(string name, string tag) => $"{Tags(name)}/{tag}";

    /// <summary>The folder of a tag's history.</summary>
    public static string History(string name, string tag) => $"{Tag(name, tag)}/index";

    /// <summary>The folder of a repository's referrers.</summary>
    public static string Referrers(string name) => $"{Repositories}/{name}/{ReferrersFolder}";

    /// <summary>The folder of the referrers of one subject.</summary>
    public static string Referrers(string name, Digest subject) => $"{Referrers(name)}/{Named(subject)}";

    /// <summary>The folder of a repository's uploads.</summary>
    public static string Uploads(string name) => $"{Repositories}/{name}/{UploadsFolder}";

    /// <summary>The folder of an upload.</summary>
    public static string Upload(string name, string id) => $"{Uploads(name)}/{id}";

    /// <summary>The folder of hash states in the folder of an upload.</summary>
    public const string HashStates = $"hashstates/{DigestText.Sha256}";

    private static string Named(Digest digest) => $"{DigestText.NameOf(digest.Algorithm)}/{digest.Hex}";
}
