namespace Blobs.Distribution.Collection;

/// <summary>What garbage collection deletes.</summary>
public enum CollectedKind
{
    /// <summary>A tag, by retention, or because its manifest is gone.</summary>
    Tag = 0,

    /// <summary>A manifest of a repository.</summary>
    Manifest,

    /// <summary>The link of a repository to a blob.</summary>
    Link,

    /// <summary>The bytes of a blob or manifest.</summary>
    Blob,

    /// <summary>An abandoned upload.</summary>
    Upload,
}
