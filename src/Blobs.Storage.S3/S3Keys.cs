using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Storage.S3;

/// <summary>
/// The keys of a registry's objects: the paths of <see cref="RegistryPaths"/>, as docker-registry's s3 driver has them,
/// below the storage's prefix. There are no objects for folders. Some are our own:
/// <code>
/// repositories/NAME/_referrers/complete      every referrer in the repository has a reference
/// repositories/NAME/_uploads/ID/session      an upload in progress, as JSON
/// repositories/NAME/_uploads/ID/tail-NONCE   its last bytes, which do not fill a part yet
/// </code>
/// <c>data</c> beside them is an open multipart upload, and becomes an object only when the upload is finished.
/// </summary>
internal sealed class S3Keys(string prefix)
{
    private const string Session = "session";
    private const string Tail = "tail-";

    /// <summary>What all keys of the registry begin with.</summary>
    public string Root { get; } = prefix.Length == 0 ? $"{RegistryPaths.Version}/" : $"{prefix}/{RegistryPaths.Version}/";

    /// <summary>What the keys of all SHA-256 blobs begin with.</summary>
    public string Blobs => $"{Root}{RegistryPaths.Blobs}/{DigestText.Sha256}/";

    /// <summary>What the keys of all repositories begin with.</summary>
    public string Repositories => $"{Root}{RegistryPaths.Repositories}/";

    /// <summary>What the keys of all records begin with.</summary>
    public string Records => $"{Root}{RegistryPaths.Records}/";

    /// <summary>The key of an object that nobody else uses, to try out what the store does.</summary>
    public string NewProbe() => $"{Records}probes/{Guid.NewGuid():n}";

    public string Blob(Digest digest) => Root + RegistryPaths.Blob(digest);

    /// <summary>The digest of a blob's key; null for a key of something else.</summary>
    public Digest? BlobOf(string key)
    {
        string[] parts = key.StartsWith(Blobs, StringComparison.Ordinal) ? key[Blobs.Length..].Split('/') : [];
        return parts is [_, var hex, RegistryPaths.Data] && Digest.TryParse(DigestText.Sha256Prefix + hex, null, out Digest digest)
            ? digest
            : null;
    }

    public string Of(in RegistryReference reference) => Root + RegistryPaths.Of(reference);

    /// <summary>What a reference's key begins with, and those of everything that goes with it.</summary>
    public string FolderOf(in RegistryReference reference) => $"{Root}{RegistryPaths.FolderOf(reference)}/";

    public string Layers(string repository) => $"{Root}{RegistryPaths.Layers(repository)}/";

    public string Manifests(string repository) => $"{Root}{RegistryPaths.Manifests(repository)}/";

    public string Revisions(string repository) => $"{Root}{RegistryPaths.Revisions(repository)}/";

    public string Tags(string repository) => $"{Root}{RegistryPaths.Tags(repository)}/";

    public string Referrers(string repository) => $"{Root}{RegistryPaths.Referrers(repository)}/";

    /// <summary>Says that a repository has a reference for each of its referrers.</summary>
    public string AllReferrers(string repository) => $"{Referrers(repository)}complete";

    public string Uploads(string repository) => $"{Root}{RegistryPaths.Uploads(repository)}/";

    /// <summary>What the keys of one upload begin with.</summary>
    public string Upload(string repository, string id) => $"{Root}{RegistryPaths.Upload(repository, id)}/";

    public string UploadSession(string repository, string id) => Upload(repository, id) + Session;

    public string UploadData(string repository, string id) => Upload(repository, id) + RegistryPaths.Data;

    public string UploadTail(string repository, string id, string nonce) => $"{Upload(repository, id)}{Tail}{nonce}";

    public string UploadStartedAt(string repository, string id) => Upload(repository, id) + RegistryPaths.StartedAt;
}
