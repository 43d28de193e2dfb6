namespace Blobs.Layers;

/// <summary>How the tar of a change is made.</summary>
public sealed record LayerDiffOptions
{
    /// <summary>Whether headers also name owners as this machine does, which engines up to 20.10 do: the DiffID then is theirs. Without
    /// it, it is the same on every machine.</summary>
    public bool OwnerNames { get; init; } = true;
}
