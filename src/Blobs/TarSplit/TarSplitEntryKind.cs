namespace Blobs.TarSplit;

/// <summary>The <c>type</c> of an entry of a tar-split recording.</summary>
public enum TarSplitEntryKind
{
    /// <summary>An unknown type, which every reader ignores.</summary>
    Unknown = 0,

    /// <summary>A file: name, size and checksum.</summary>
    File = 1,

    /// <summary>Raw bytes of the archive.</summary>
    Segment = 2,
}
