using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>A layer that was read and verified.</summary>
/// <param name="Blob">Its blob.</param>
/// <param name="Tree">Its tree, waiting to become part of the stack; null when containerd has it, or unpacks it itself.</param>
internal sealed record IngestedLayer(Descriptor Blob, UnpackedTree? Tree);
