using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>How to create the tar of a change.</summary>
public sealed record LayerDiffOptions
{
    /// <summary>The Docker versions whose form the tar follows.</summary>
    public DiffForm Form { get; init; }
}
