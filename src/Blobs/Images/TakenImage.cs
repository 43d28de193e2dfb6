using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>Result of taking an image into a target.</summary>
public sealed record TakenImage
{
    /// <summary>The image's id.</summary>
    public required Digest Id { get; init; }

    /// <summary>Its names there.</summary>
    public IReadOnlyList<ImageReference> Names { get; init; } = [];

    /// <summary>Digest of its manifest there; null where images have no manifest.</summary>
    public Digest? Manifest { get; init; }

    /// <summary>How many layers it has.</summary>
    public int LayerCount { get; init; }

    /// <summary>How many layers the target did not have before.</summary>
    public int NewLayers { get; init; }

    /// <summary>Names that referred to another image before, each with the id of that image.</summary>
    public IReadOnlyList<KeyValuePair<ImageReference, Digest>> Renamed { get; init; } = [];
}
