namespace Blobs.Distribution.Storage;

/// <summary>Whether several hosts may serve one storage at the same time.</summary>
public enum SharedUse
{
    /// <summary>Only one host may write: conditional writes have no effect here.</summary>
    Unsafe = 0,

    /// <summary>Several hosts may write, though one is usual, as for a directory.</summary>
    Possible,

    /// <summary>Several hosts may write, and are usual, as for an object store.</summary>
    Usual,
}
