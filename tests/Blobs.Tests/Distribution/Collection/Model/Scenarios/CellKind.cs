namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>What a key in the store is.</summary>
internal enum CellKind
{
    /// <summary>Data of a blob, or bytes of a manifest.</summary>
    Bytes,

    LayerLink,
    RevisionLink,
    Tag,
}
