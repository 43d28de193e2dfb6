using System.Security.Cryptography;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>A file of an artifact.</summary>
/// <param name="Descriptor">Its media type, digest and size, and its name as an annotation.</param>
/// <param name="Open">Opens it, with the same bytes at every call; the caller disposes the stream.</param>
public sealed record ArtifactFile(Descriptor Descriptor, Func<CancellationToken, ValueTask<Stream>> Open)
{
    /// <summary>The annotation with a file's name, as ORAS writes it.</summary>
    public const string TitleAnnotation = "org.opencontainers.image.title";

    /// <summary>A file on disk, which is read once to learn its digest.</summary>
    /// <param name="path">The file; must not change until the artifact was sent.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ArtifactFile> FromFileAsync(
        string path, string mediaType, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(mediaType);
        FileStream content = FileHandle.OpenRead(path);
        await using (content.ConfigureAwait(false))
        {
            byte[] hash = await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
            Descriptor file = Describe(Digest.FromHash(DigestAlgorithm.Sha256, hash), content.Position, mediaType, Path.GetFileName(path));
            return new ArtifactFile(file, _ => ValueTask.FromResult<Stream>(FileHandle.OpenRead(path)));
        }
    }

    /// <summary>A file in memory.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="title">Its name; null for none.</param>
    public static ArtifactFile FromBytes(ReadOnlyMemory<byte> content, string mediaType, string? title = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(mediaType);
        return new ArtifactFile(
            Describe(Digest.OfSha256(content.Span), content.Length, mediaType, title),
            _ => ValueTask.FromResult<Stream>(new MemoryStream(content.ToArray(), writable: false)));
    }

    private static Descriptor Describe(Digest digest, long size, string mediaType, string? title) => new()
    {
        MediaType = mediaType,
        Digest = digest,
        Size = size,
        Annotations = title is null ? null : new Dictionary<string, string> { [TitleAnnotation] = title },
    };
}
