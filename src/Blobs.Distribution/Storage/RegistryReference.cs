using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Names a reference: that a repository has a blob or a manifest, or what one of its tags means. Each refers to the SHA-256 digest under
/// which the bytes are stored. One that is named by such a digest refers to that digest; one that is named by a SHA-512 digest refers
/// to the SHA-256 digest of the same bytes.
/// </summary>
public readonly record struct RegistryReference
{
    private RegistryReference(ReferenceKind kind, string repository, string tag, Digest digest)
    {
        Kind = kind;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>What it says.</summary>
    public ReferenceKind Kind { get; }

    /// <summary>The repository.</summary>
    public string Repository { get; }

    /// <summary>The tag; empty for blobs and manifests.</summary>
    public string Tag { get; }

    /// <summary>The digest that names it; none for a tag.</summary>
    public Digest Digest { get; }

    /// <summary>By what lists of its kind are sorted, and <see cref="RegistryPage.After"/> names it: a digest, a tag, or
    /// <c>TAG/DIGEST</c>.</summary>
    public string Name => Kind switch
    {
        ReferenceKind.Tag => Tag,
        ReferenceKind.TagHistory => $"{Tag}/{Digest}",
        _ => $"{Digest}",
    };

    /// <summary>That a repository has a blob.</summary>
    public static RegistryReference ToBlob(string repository, Digest digest) => new(ReferenceKind.Blob, repository, "", digest);

    /// <summary>That a repository has a manifest.</summary>
    public static RegistryReference ToManifest(string repository, Digest digest) => new(ReferenceKind.Manifest, repository, "", digest);

    /// <summary>What a tag means.</summary>
    public static RegistryReference OfTag(string repository, string tag) => new(ReferenceKind.Tag, repository, tag, default);

    /// <summary>That a tag means or has meant a manifest.</summary>
    public static RegistryReference OfTagHistory(string repository, string tag, Digest digest) =>
        new(ReferenceKind.TagHistory, repository, tag, digest);
}
