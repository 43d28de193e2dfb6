namespace Blobs.Containerd;

/// <summary>The tree of a layer, unpacked into a snapshot that nobody sees.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Tree">Where it is.</param>
/// <param name="HasParent">Whether the snapshot was prepared on the stack below.</param>
/// <param name="Implied">Directories that the layer needs and does not have itself.</param>
internal sealed record UnpackedTree(
    NewSnapshot Snapshot, WritableTree Tree, bool HasParent, IReadOnlyList<byte[]> Implied);
