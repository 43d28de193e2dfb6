namespace Blobs.Docker;

/// <summary>What a prune removes besides untagged images, layers that nothing needs, and kept blobs that no image
/// names.</summary>
public sealed record PruneOptions
{
    /// <summary>Whether to remove every image that no container uses, tagged or not.</summary>
    public bool All { get; init; }

    /// <summary>Whether to remove the containers that neither run nor are mounted.</summary>
    public bool Containers { get; init; }
}
