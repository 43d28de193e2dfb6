namespace Blobs.Distribution.Storage;

/// <summary>What a reference of a repository says.</summary>
public enum ReferenceKind
{
    /// <summary>The repository has this blob.</summary>
    Blob = 0,

    /// <summary>The repository has this manifest.</summary>
    Manifest,

    /// <summary>What a tag means.</summary>
    Tag,

    /// <summary>What a tag means or has meant.</summary>
    TagHistory,
}
