using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Identifies a reference: to a blob or manifest of a repository, or to the manifest that a tag points to. Its target
/// is the SHA-256 digest under which the content is stored. A reference that is named by a SHA-256 digest has that
/// digest as its target. A reference that is named by a SHA-512 digest has the SHA-256 digest of the same content as
/// its target.
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

    /// <summary>The kind of the reference.</summary>
    public ReferenceKind Kind { get; }

    /// <summary>The repository.</summary>
    public string Repository { get; }

    /// <summary>The tag; empty for blobs and manifests.</summary>
    public string Tag { get; }

    /// <summary>The digest by which the reference is named; none for a tag.</summary>
    public Digest Digest { get; }

    /// <summary>The name by which lists of this kind are sorted, and which <see cref="RegistryPage.After"/> takes: a
    /// digest, a tag, or <c>TAG/DIGEST</c>.</summary>
    public string Name => Kind switch
    {
        ReferenceKind.Tag => Tag,
        ReferenceKind.TagHistory => $"{Tag}/{Digest}",
        _ => $"{Digest}",
    };

    /// <summary>Returns the reference of a repository to a blob.</summary>
    public static RegistryReference ToBlob(string repository, Digest digest) => new(ReferenceKind.Blob, repository, "", digest);

    /// <summary>Returns the reference of a repository to a manifest.</summary>
    public static RegistryReference ToManifest(string repository, Digest digest) => new(ReferenceKind.Manifest, repository, "", digest);

    /// <summary>Returns the reference from a tag to its manifest.</summary>
    public static RegistryReference OfTag(string repository, string tag) => new(ReferenceKind.Tag, repository, tag, default);

    /// <summary>Returns an entry in the history of a tag: a manifest that it points to, or pointed to before.</summary>
    public static RegistryReference OfTagHistory(string repository, string tag, Digest digest) =>
        new(ReferenceKind.TagHistory, repository, tag, digest);
}
