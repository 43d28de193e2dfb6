using Blobs.Hashing;

namespace Blobs.Storage;

/// <summary>
/// Where blobs stand, as the reference registry keeps them; no other file builds these paths.
/// <code>
/// ROOT/docker/registry/v2/blobs/
///   sha256/ab/abcd…/data      the bytes of a blob, below the first two digits of its digest
///   .upload-NUMBER            a blob that is still coming in
///   .partial-abcd…            a blob, known by its digest, of which some has come
/// </code>
/// </summary>
internal sealed class BlobPaths(string root)
{
    public string Blobs => Path.Combine(root, "docker", "registry", "v2", "blobs");

    public string Upload(string id) => Path.Combine(Blobs, $".upload-{id}");

    public string Partial(Digest digest) => Path.Combine(Blobs, $".partial-{digest.Hex}");

    public string Directory(Digest digest)
    {
        string hex = digest.Hex;
        string algorithm = digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";
        return Path.Combine(Blobs, algorithm, hex[..2], hex);
    }

    public string Data(Digest digest) => Path.Combine(Directory(digest), "data");
}
