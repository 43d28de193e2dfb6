using System.ComponentModel;
using Blobs.Hashing;

namespace Blobs.BlobDirectories.Internal;

/// <summary>
/// Where everything of a <see cref="BlobDirectory"/> stands; no other file builds these paths, which are relative to it.
/// <code>
/// sha256/ab/abcd…/data    bytes of a blob, below the first two digits of its digest
/// .upload-NUMBER          a blob that comes in
/// .partial-HEX            a blob, known by its digest, of which some has come
/// </code>
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class BlobPaths
{
    public const string UploadPrefix = ".upload-";

    public static readonly string[] Algorithms = [DigestText.Sha256, DigestText.Sha512];

    public static string Data(Digest digest)
    {
        string hex = digest.Hex;
        return $"{DigestText.NameOf(digest.Algorithm)}/{hex[..2]}/{hex}/data";
    }

    public static string Upload(string number) => UploadPrefix + number;

    public static string Partial(Digest digest) => $".partial-{digest.Hex}";
}
