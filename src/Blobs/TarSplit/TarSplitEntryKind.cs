namespace Blobs.TarSplit;

/// <summary>The <c>type</c> of a tar-split object.</summary>
internal enum TarSplitEntryKind
{
    /// <summary>A type that is not known, which every reader passes over.</summary>
    Unknown = 0,

    /// <summary>A file, named, sized and check-summed.</summary>
    File = 1,

    /// <summary>Raw bytes of the archive.</summary>
    Segment = 2,
}
