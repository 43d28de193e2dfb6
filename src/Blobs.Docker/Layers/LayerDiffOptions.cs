using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>How the tar of a change is made.</summary>
public sealed record LayerDiffOptions
{
    /// <summary>As which engines make it.</summary>
    public DiffForm Form { get; init; }
}
