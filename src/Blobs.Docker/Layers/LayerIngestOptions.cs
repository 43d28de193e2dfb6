using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Docker.Layers;

/// <summary>Options for ingesting a layer.</summary>
public sealed record LayerIngestOptions
{
    /// <summary>The layer below; null for a bottom layer.</summary>
    public ChainId? Parent { get; init; }

    /// <summary>The expected digest of the bytes as received.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>The expected digest of the uncompressed tar.</summary>
    public DiffId? ExpectedDiffId { get; init; }

    /// <summary>Also receives the bytes as they arrive. It is committed under their digest before the layer becomes
    /// visible. The caller keeps ownership and disposes it.</summary>
    public IBlobUpload? Blob { get; init; }

    /// <summary>Receives progress.</summary>
    public IProgress<LayerProgress>? Progress { get; init; }
}
