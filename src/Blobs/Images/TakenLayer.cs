using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>What a target says of a new layer that it has taken.</summary>
/// <param name="DiffId">Digest of its tar.</param>
/// <param name="Descriptor">Describes the blob that the target has now, with an OCI media type; null for a target without
/// blobs.</param>
public sealed record TakenLayer(DiffId DiffId, Descriptor? Descriptor);
