using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Docker.Layers;

/// <summary>How a layer comes in.</summary>
public sealed record LayerIngestOptions
{
    /// <summary>The layer it stands on; none for a bottom layer.</summary>
    public ChainId? Parent { get; init; }

    /// <summary>Digest that the bytes as they come must have.</summary>
    public Digest? ExpectedDigest { get; init; }

    /// <summary>Digest that the uncompressed tar must have.</summary>
    public DiffId? ExpectedDiffId { get; init; }

    /// <summary>Also takes the bytes as they come; committed under their digest before the layer becomes visible. Stays its
    /// owner's to dispose.</summary>
    public IBlobUpload? Blob { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<LayerProgress>? Progress { get; init; }
}
