using Blobs.Hashing;

namespace Blobs.Images;

/// <summary>What one layer adds to an image.</summary>
public sealed record LayerUsage
{
    /// <summary>Index in the image; 0 is the base.</summary>
    public required int Index { get; init; }

    /// <summary>The layer's DiffID.</summary>
    public required DiffId DiffId { get; init; }

    /// <summary>Length of its blob, or of its tar where there is no blob; null if that is not known.</summary>
    public required long? Length { get; init; }

    /// <summary>Regular files that it has.</summary>
    public int FileCount { get; internal set; }

    /// <summary>Bytes of these files.</summary>
    public long FileBytes { get; internal set; }

    /// <summary>The part of <see cref="FileBytes"/> that nobody sees, because a higher layer replaces or removes the
    /// files.</summary>
    public long HiddenBytes { get; internal set; }

    /// <summary>The part of <see cref="HiddenBytes"/> that a higher layer has again with the same content, for a change
    /// of mode, owner or time.</summary>
    public long RepeatedBytes { get; internal set; }
}
