using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>A step of how an image was made, with what is known of it here.</summary>
public sealed record HistoryStep
{
    /// <summary>The step as the config tells it.</summary>
    public required HistoryEntry Entry { get; init; }

    /// <summary>The image that the step made, where it is in the store and known as a parent.</summary>
    public Digest? Image { get; init; }

    /// <summary>That image's tags.</summary>
    public IReadOnlyList<ImageReference> Tags { get; init; } = [];

    /// <summary>Bytes of the step's layer.</summary>
    public required long Size { get; init; }
}
