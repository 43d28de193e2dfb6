using Blobs.Hashing;

namespace Blobs.Images;

/// <summary>
/// Where everything about images stands; no other file builds these paths.
/// <code>
/// ROOT/image/DRIVER/                      0700
///   repositories.json                     names: which image each one means
///   imagedb/                              0700
///     content/sha256/HEX                  an image's config, its bytes as they came; HEX is their SHA-256, the image's id
///     metadata/sha256/HEX/                0700, what is known of an image besides
///       parent                            id of the image it was made from
///       lastUpdated                       when it was last given a name
///   distribution/                         0700
///     diffid-by-digest/sha256/HEX         DiffID of the layer that a blob of this digest holds
///     v2metadata-by-diffid/sha256/HEX     which blobs in which repositories hold this layer
/// </code>
/// No file ends in a newline.
/// </summary>
internal sealed class ImagePaths(string root, string driver)
{
    public string Image => Path.Combine(root, "image", driver);

    public string Names => Path.Combine(Image, "repositories.json");

    public string ImageDb => Path.Combine(Image, "imagedb");

    public string Contents => Path.Combine(ImageDb, "content", "sha256");

    public string AllMetadata => Path.Combine(ImageDb, "metadata", "sha256");

    public string Distribution => Path.Combine(Image, "distribution");

    public string DiffIds => Path.Combine(Distribution, "diffid-by-digest");

    public string BlobSources => Path.Combine(Distribution, "v2metadata-by-diffid");

    public string Content(Digest id) => Path.Combine(Contents, id.Hex);

    public string Metadata(Digest id) => Path.Combine(AllMetadata, id.Hex);

    public string DiffIdFile(Digest blob) => Path.Combine(DiffIds, AlgorithmOf(blob), blob.Hex);

    public string BlobSourcesFile(DiffId layer) => Path.Combine(BlobSources, "sha256", layer.Hex);

    public static string ParentFile(string metadata) => Path.Combine(metadata, "parent");

    public static string LastUpdatedFile(string metadata) => Path.Combine(metadata, "lastUpdated");

    private static string AlgorithmOf(Digest digest) => digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";
}
