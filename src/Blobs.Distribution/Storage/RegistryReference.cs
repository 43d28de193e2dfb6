using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Identifies a reference: to a blob or manifest of a repository, to the manifest that a tag points to, or from a subject
/// to one of its referrers. Its target
/// is the SHA-256 digest under which the content is stored. A reference that is named by a SHA-256 digest has that
/// digest as its target. A reference that is named by a SHA-512 digest has the SHA-256 digest of the same content as
/// its target.
/// </summary>
public readonly record struct RegistryReference
{
    // The tag, or the subject's digest as text; empty for blobs and manifests.
    private readonly string _group;

    private RegistryReference(ReferenceKind kind, string repository, string group, Digest digest)
    {
        Kind = kind;
        Repository = repository;
        _group = group;
        Digest = digest;
    }

    /// <summary>The kind of the reference.</summary>
    public ReferenceKind Kind { get; }

    /// <summary>The repository.</summary>
    public string Repository { get; }

    /// <summary>The tag; empty for blobs, manifests and referrers.</summary>
    public string Tag => Kind is ReferenceKind.Tag or ReferenceKind.TagHistory ? _group : "";

    /// <summary>The subject of a referrer; none for other kinds.</summary>
    public Digest Subject => Kind == ReferenceKind.Referrer ? Digest.Parse(_group) : default;

    /// <summary>The digest by which the reference is named; none for a tag.</summary>
    public Digest Digest { get; }

    /// <summary>The name by which lists of this kind are sorted, and which <see cref="RegistryPage.After"/> takes: a
    /// digest, a tag, <c>TAG/DIGEST</c>, or <c>SUBJECT/DIGEST</c>.</summary>
    public string Name => Kind switch
    {
        ReferenceKind.Tag => _group,
        ReferenceKind.TagHistory or ReferenceKind.Referrer => $"{_group}/{Digest}",
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

    /// <summary>Returns the reference from a subject to a manifest about it.</summary>
    /// <param name="repository">The repository of the manifest.</param>
    /// <param name="subject">The digest of the subject, which need not exist.</param>
    /// <param name="digest">The SHA-256 digest of the manifest.</param>
    public static RegistryReference ToReferrer(string repository, Digest subject, Digest digest) =>
        new(ReferenceKind.Referrer, repository, $"{subject}", digest);
}
