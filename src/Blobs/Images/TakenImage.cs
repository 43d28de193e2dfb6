using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>An image that came to its target.</summary>
public sealed record TakenImage
{
    /// <summary>The image's id.</summary>
    public required Digest Id { get; init; }

    /// <summary>What it is called there.</summary>
    public IReadOnlyList<ImageReference> Names { get; init; } = [];

    /// <summary>Digest of its manifest there; null where images have none.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>How many layers it has.</summary>
    public int LayerCount { get; init; }

    /// <summary>How many layers the target did not have before.</summary>
    public int NewLayers { get; init; }

    /// <summary>Names that meant another image until now, and which.</summary>
    public IReadOnlyList<KeyValuePair<ImageReference, Digest>> Renamed { get; init; } = [];
}
