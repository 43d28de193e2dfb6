using System.Collections.ObjectModel;

namespace Blobs.Docker.Layers;

/// <summary>What was removed, in the order it went; and the layers that stay although no image and no container needs them.</summary>
/// <typeparam name="T">What is told of each.</typeparam>
public sealed class Removal<T> : ReadOnlyCollection<T>
{
    internal Removal(IList<T> removed, IReadOnlyList<KeptLayer> kept, string? problem)
        : base(removed)
    {
        Kept = kept;
        Problem = problem;
    }

    /// <summary>Layers that BuildKit's cache needs; with a <see cref="Problem"/>, that it may need. What they stand on stays as
    /// well.</summary>
    public IReadOnlyList<KeptLayer> Kept { get; }

    /// <summary>Why nobody can tell what BuildKit's cache needs, in a line; no layer was removed then. Null when that is known, or
    /// there was no layer to remove.</summary>
    public string? Problem { get; }
}
