namespace Blobs.Distribution.Storage;

/// <summary>Kind of a reference.</summary>
public enum ReferenceKind
{
    /// <summary>The repository has a blob.</summary>
    Blob = 0,

    /// <summary>The repository has a manifest.</summary>
    Manifest,

    /// <summary>The manifest that a tag points to.</summary>
    Tag,

    /// <summary>A manifest that a tag points to, or pointed to before.</summary>
    TagHistory,

    /// <summary>A manifest that has another manifest, or something else, as its subject.</summary>
    Referrer,
}
