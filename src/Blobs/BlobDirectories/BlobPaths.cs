using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.BlobDirectories;

/// <summary>
/// The paths in a <see cref="BlobDirectory"/>, relative to it; no other file builds them.
/// <code>
/// sha256/ab/abcd…/data    bytes of a blob, below the first two digits of its digest
/// .upload-NUMBER          an upload whose digest is not known yet
/// .partial-HEX            a partial blob of known digest
/// </code>
/// </summary>
internal static class BlobPaths
{
    public const string UploadPrefix = ".upload-";

    public const string PartialPrefix = ".partial-";

    public static string Data(Digest digest)
    {
        string hex = digest.Hex;
        return $"{DigestText.NameOf(digest.Algorithm)}/{hex[..2]}/{hex}/data";
    }

    public static string Upload(string number) => UploadPrefix + number;

    public static string Partial(Digest digest) => PartialPrefix + digest.Hex;
}
