namespace Blobs.Tar;

/// <summary>Where a pax member keeps the map of a sparse file.</summary>
internal enum SparseForm
{
    /// <summary>The file is not sparse.</summary>
    None,

    /// <summary>In its pax records: GNU forms 0.0 and 0.1.</summary>
    InRecords,

    /// <summary>At the start of its payload: GNU form 1.0.</summary>
    InPayload,
}
