using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>A step of an image's history, with what this data root knows about it.</summary>
public sealed record HistoryStep
{
    /// <summary>The step as recorded in the config.</summary>
    public required HistoryEntry Entry { get; init; }

    /// <summary>The image that the step made, if it is in the store and known as a parent.</summary>
    public Digest? Image { get; init; }

    /// <summary>That image's tags.</summary>
    public IReadOnlyList<ImageReference> Tags { get; init; } = [];

    /// <summary>The size of the step's layer in bytes.</summary>
    public required long Size { get; init; }
}
